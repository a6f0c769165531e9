"""The judges that the settings name, each with a connection of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plimsoll.adapters.bedrock.grounding import BedrockGrounding
from plimsoll.adapters.bedrock.judge import BedrockJudge
from plimsoll.adapters.bedrock.models import load_models
from plimsoll.adapters.openai_judge.judge import OpenAiJudge
from plimsoll.domain.errors import ConfigurationError
from plimsoll.ports.judge import GroundingCheck, JudgeModel
from plimsoll.ports.telemetry import Telemetry
from plimsoll.settings.judges import BedrockSettings, OpenAiSettings


@dataclass(frozen=True, slots=True)
class NamedJudge:
    """A judge as people call it, the model that its calls name, and the way to it."""

    name: str
    model: str
    connection: JudgeModel


def open_judges(
    bedrock: BedrockSettings, openai: OpenAiSettings, telemetry: Telemetry
) -> Mapping[str, NamedJudge]:
    """Every judge by its name, in the order of names; called on the loop that will ask them.

    ConfigurationError where a name stands twice or an endpoint is missing. Nothing is sent.
    """
    both = sorted(bedrock.judges.keys() & openai.judges.keys())
    if both:
        raise ConfigurationError(
            f"{', '.join(both)} stands in bedrock.judges and in openai.judges: rename one"
        )
    if openai.judges and not openai.endpoint_url:
        raise ConfigurationError("openai.judges names judges: set openai.endpoint_url")
    table = load_models(bedrock.models_file)
    found = {
        name: NamedJudge(name, model, BedrockJudge(name, bedrock, table, telemetry))
        for name, model in bedrock.judges.items()
    }
    for name, model in openai.judges.items():
        found[name] = NamedJudge(name, model, OpenAiJudge(openai))
    return {name: found[name] for name in sorted(found)}


def open_grounding(bedrock: BedrockSettings, telemetry: Telemetry) -> GroundingCheck | None:
    """The grounding check, or None where no guardrail is named."""
    if not bedrock.guardrail_id:
        return None
    if not bedrock.guardrail_version:
        raise ConfigurationError(
            "bedrock.guardrail_id is set: pin bedrock.guardrail_version to a number"
        )
    return BedrockGrounding(bedrock, telemetry)

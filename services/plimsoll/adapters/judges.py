"""The judges that the settings name, each with a connection of its own.

A client library is loaded only where a judge needs it: boto3 takes 20 MB and a quarter of a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    found = {**_on_bedrock(bedrock, telemetry), **_on_openai(openai)}
    return {name: found[name] for name in sorted(found)}


def open_grounding(bedrock: BedrockSettings, telemetry: Telemetry) -> GroundingCheck | None:
    """The grounding check, or None where no guardrail is named."""
    if not bedrock.guardrail_id:
        return None
    if not bedrock.guardrail_version:
        raise ConfigurationError(
            "bedrock.guardrail_id is set: pin bedrock.guardrail_version to a number"
        )
    from plimsoll.adapters.bedrock.grounding import BedrockGrounding  # noqa: PLC0415 - see above

    return BedrockGrounding(bedrock, telemetry)


def _on_bedrock(settings: BedrockSettings, telemetry: Telemetry) -> dict[str, NamedJudge]:
    if not settings.judges:
        return {}
    from plimsoll.adapters.bedrock.judge import BedrockJudge  # noqa: PLC0415 - see above
    from plimsoll.adapters.bedrock.models import load_models  # noqa: PLC0415 - see above

    table = load_models(settings.models_file)
    return {
        name: NamedJudge(name, model, BedrockJudge(name, settings, table, telemetry))
        for name, model in settings.judges.items()
    }


def _on_openai(settings: OpenAiSettings) -> dict[str, NamedJudge]:
    if not settings.judges:
        return {}
    from plimsoll.adapters.openai_judge.judge import OpenAiJudge  # noqa: PLC0415 - see above

    return {
        name: NamedJudge(name, model, OpenAiJudge(settings))
        for name, model in settings.judges.items()
    }

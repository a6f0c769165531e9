"""What `plimsoll doctor` says of judges, without asking one: that would cost money."""

from __future__ import annotations

from plimsoll.adapters.judges import open_grounding, open_judges
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.cli.findings import Finding, Health
from plimsoll.cli.rendering import price_text
from plimsoll.domain.errors import PlimsollError
from plimsoll.domain.judging import Price
from plimsoll.settings.model import Settings


async def judge_findings(settings: Settings) -> list[Finding]:
    """Each judge with its model and what is known of it; one finding where none is named."""
    if not settings.bedrock.judges and not settings.openai.judges:
        return [Finding("judges", Health.OK, "none is named, and no metric asks any")]
    telemetry = PrometheusTelemetry()
    try:
        judges = open_judges(settings.bedrock, settings.openai, telemetry)
        grounding = open_grounding(settings.bedrock, telemetry)
    except PlimsollError as error:
        return [Finding("judges", Health.FAILED, str(error), "set what is named")]
    found = []
    for name, judge in judges.items():
        price = judge.connection.traits(judge.model).price
        found.append(_judge(name, judge.model, price, on_bedrock=name in settings.bedrock.judges))
        await judge.connection.close()
    if grounding is not None:
        await grounding.close()
        said = f"guardrail {settings.bedrock.guardrail_id}, {settings.bedrock.guardrail_version}"
        found.append(Finding("grounding", Health.OK, said))
    return found


def _judge(name: str, model: str, price: Price | None, *, on_bedrock: bool) -> Finding:
    if price is not None:
        prices = f"{price_text(price.input_usd)} and {price_text(price.output_usd)}"
        said = f"{prices} USD for 1,000 tokens in and out"
        return Finding(f"judge {name}", Health.OK, f"{model}: {said}, as of {price.as_of}")
    if not on_bedrock:
        return Finding(f"judge {name}", Health.OK, f"{model}: its price is not known")
    remedy = "add a row to bedrock.models_file, else its cost is unknown"
    return Finding(f"judge {name}", Health.NOTE, f"{model}: its price is not known", remedy)

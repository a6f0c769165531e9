"""How a rule of a scoring plan has alternatives drawn, read with its line and its problems."""

from __future__ import annotations

from collections.abc import Collection

from plimsoll.domain.plan import Resampling
from plimsoll.settings.lined import Lined
from plimsoll.settings.near import near
from plimsoll.settings.plan_fields import Problems, number

_FIELDS = ("samples", "judge", "temperature", "max_output_tokens")
_SAMPLES = (1, 20)
# Converse takes no more than 1; at 0 all samples would be one.
_TEMPERATURE = (0.1, 1)
_OUTPUT_TOKENS = (16, 8_000)


def resampling_of(
    problems: Problems, entry: Lined | None, judges: Collection[str]
) -> Resampling | None:
    """None where the field is left out: then nothing is drawn."""
    if entry is None:
        return None
    fields = problems.mapping(entry, "resampling", _FIELDS)
    usual = Resampling()
    judge = fields.get("judge")
    if not judges:
        problems.add(
            entry, "resampling needs judges: neither bedrock.judges nor openai.judges is set"
        )
    elif judge is not None and judge.value not in judges:
        problems.add(judge, f"there is no judge {judge.value}: {near(str(judge.value), judges)}")
    samples = number(problems, fields.get("samples"), "samples", _SAMPLES, usual.samples)
    temperature = number(
        problems, fields.get("temperature"), "temperature", _TEMPERATURE, usual.temperature
    )
    most = number(
        problems,
        fields.get("max_output_tokens"),
        "max_output_tokens",
        _OUTPUT_TOKENS,
        usual.max_output_tokens,
    )
    return Resampling(
        samples=int(samples),
        judge="" if judge is None else str(judge.value),
        temperature=float(temperature),
        max_output_tokens=int(most),
    )

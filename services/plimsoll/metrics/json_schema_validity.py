"""Whether the response is JSON that keeps the schema that was asked for."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.schema_checking import checked


class JsonSchemaValidity:
    """1 if the response is JSON under the expected schema (2020-12 unless it names a draft).

    A response that is one fenced block is unwrapped first and flagged `unfenced`: models add
    fences, and whoever reads such answers strips them. Text around the JSON makes it invalid.
    Patterns run on a linear-time engine; nothing is fetched.
    """

    spec = MetricSpec(
        name="json_schema_validity",
        version="1",
        family=Family.VALIDATOR,
        summary="Whether the response is JSON that keeps the expected schema.",
        needs=(Need.JSON_SCHEMA, Need.RESPONSE_TEXT),
        source="JSON Schema 2020-12",
        raw_scale="1 valid, 0 invalid",
    )

    def work(self, result: LlmResult) -> int:
        """Compiling the schema, then reading the response; adversarial schemas are cut off."""
        schema = len(result.expectations.json_schema) if result.expectations else 0
        return 1_000 + 5 * schema + 2 * len(result.response.text)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """1.0 or 0.0; evidence is the first errors, each with its JSON pointer."""
        reading = checked(result)
        if isinstance(reading, Absence):
            return reading
        if not reading.readable:
            message = "the response cannot be read as JSON"
            evidence: tuple[Evidence, ...] = (Evidence("json_error", "response#", text=message),)
        else:
            evidence = tuple(
                Evidence("schema_error", f"response#{e.pointer[:200]}", text=e.message[:200])
                for e in reading.errors()
            )
        value = float(not evidence)
        return Measurement(value=value, raw_value=value, evidence=evidence, flags=reading.flags)

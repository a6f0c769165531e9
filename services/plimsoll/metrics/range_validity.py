"""Whether every number of the response is in the range that its schema gives."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.schema_checking import MAX_ERRORS, checked

_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})


class RangeValidity:
    """1 if no number breaks a bound of the expected schema, otherwise 0.

    Bounds are JSON Schema's `minimum`, `maximum` and their exclusive kin; a bare number is JSON,
    so `{"minimum": 0, "maximum": 10}` bounds an answer that is one. It tells a value that is out of
    range from one of the wrong type or shape. Bounds under `anyOf` and `oneOf` are not told apart.
    """

    spec = MetricSpec(
        name="range_validity",
        version="1",
        family=Family.VALIDATOR,
        summary="Whether every number is in the range of the expected schema.",
        needs=(Need.JSON_SCHEMA, Need.RESPONSE_TEXT),
        source="JSON Schema 2020-12, section 6.2",
        raw_scale="numbers out of range",
    )

    def work(self, result: LlmResult) -> int:
        """As for the whole schema, where it has a bound at all; next to nothing where not."""
        schema = result.expectations.json_schema if result.expectations else ""
        if not _bounds(schema):
            return 10 + len(schema) // 100
        return 1_000 + 5 * len(schema) + 2 * len(result.response.text)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """1.0 or 0.0; evidence is the numbers out of range by their JSON pointers."""
        schema = result.expectations.json_schema if result.expectations else ""
        if not _bounds(schema):
            return Absence(AbsenceReason.NOT_APPLICABLE, "the expected schema has no range")
        reading = checked(result)
        if isinstance(reading, Absence):
            return reading
        if not reading.readable:
            return Absence(AbsenceReason.PARSE_FAILED, "the response cannot be read as JSON")
        errors = reading.all_errors()
        if errors is None:
            return Absence(AbsenceReason.INPUT_TOO_LARGE, "too many values for all to be checked")
        outside = [error for error in errors if error.keyword in _BOUNDS]
        return Measurement(
            value=float(not outside),
            raw_value=float(len(outside)),
            evidence=tuple(
                Evidence("out_of_range", f"response#{e.pointer[:200]}", text=e.message[:200])
                for e in outside[:MAX_ERRORS]
            ),
            flags=reading.flags,
        )


def _bounds(schema: str) -> bool:
    return any(f'"{bound}"' in schema for bound in _BOUNDS)

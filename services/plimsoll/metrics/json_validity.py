"""Whether the response is JSON, where JSON was asked for."""

from __future__ import annotations

import orjson

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.canonical import unfenced
from plimsoll.metrics.schema_checking import too_deep

MAX_CHARS = 4_000_000


class JsonValidity:
    """1 if the response is one JSON document (RFC 8259), otherwise 0.

    Applies where `gen_ai.output_type` is json or a schema is expected. A response that is one
    fenced block is unwrapped first and flagged `unfenced`. JSON inside other text is not looked
    for: whoever takes the first object found takes what a prompt smuggled in.
    """

    spec = MetricSpec(
        name="json_validity",
        version="1",
        family=Family.VALIDATOR,
        summary="Whether the response is one JSON document, where JSON was asked for.",
        needs=(Need.RESPONSE_TEXT,),
        source="RFC 8259",
        raw_scale="1 valid, 0 invalid",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the response."""
        return 50 + len(result.response.text) // 4

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """1.0 or 0.0; evidence is where it stops being JSON, by line and column from 1."""
        expected = result.expectations is not None and bool(result.expectations.json_schema)
        if not expected and result.gen_ai.output_type.strip().lower() != "json":
            return Absence(AbsenceReason.NOT_APPLICABLE, "no JSON was asked for")
        text = result.response.text
        if len(text) > MAX_CHARS:
            detail = f"{len(text)} characters, {MAX_CHARS} allowed"
            return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
        body = unfenced(text)
        flags = ("unfenced",) if body is not text else ()
        try:
            orjson.loads(body)
        except orjson.JSONDecodeError as error:
            if too_deep(error):
                return Absence(AbsenceReason.INPUT_TOO_LARGE, "the response is nested too deeply")
            evidence = Evidence("json_error", "response.text", text=_where(error))
            return Measurement(value=0.0, raw_value=0.0, evidence=(evidence,), flags=flags)
        return Measurement(value=1.0, raw_value=1.0, flags=flags)


def _where(error: orjson.JSONDecodeError) -> str:
    return f"no JSON from line {error.lineno}, column {error.colno} on"

"""Whether the response is JSON that keeps the schema that was asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import NoReturn

import jsonschema_rs
import orjson

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.canonical import unfenced
from plimsoll.metrics.schema_steps import SchemaCost

MAX_SCHEMA_CHARS = 65_536
MAX_CHARS = 1_000_000
# Subschemas applied, by an upper bound; most take well under 50 ns.
MAX_STEPS = 20_000_000
_PATTERN_BYTES = 1 << 20
# The parser's own word for JSON that it gives up, valid or not: 1,024 levels.
_DEPTH = "depth limit"


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
        """1.0 or 0.0; evidence is the first error with its JSON pointer."""
        assert result.expectations is not None  # noqa: S101 - `needs` has been checked
        schema, text = result.expectations.json_schema, result.response.text
        if len(schema) > MAX_SCHEMA_CHARS or len(text) > MAX_CHARS:
            detail = f"schema of {len(schema)} and text of {len(text)} characters"
            return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
        compiled = _compiled(schema)
        if isinstance(compiled, str):
            return Absence(AbsenceReason.INPUT_INVALID, compiled)
        body = unfenced(text)
        flags = ("unfenced",) if body is not text else ()
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            if _DEPTH in str(error):
                return Absence(AbsenceReason.INPUT_TOO_LARGE, "the response is nested too deeply")
            return _invalid("json_error", "", "the response cannot be read as JSON", flags)
        validator, cost = compiled
        if cost.steps(document, MAX_STEPS) >= MAX_STEPS:
            return Absence(AbsenceReason.INPUT_TOO_LARGE, "the schema multiplies on this response")
        return _validated(validator, document, flags)


def _validated(
    validator: jsonschema_rs.Validator, document: object, flags: tuple[str, ...]
) -> Measurement:
    try:
        validator.validate(document)
    except jsonschema_rs.ValidationError as error:
        pointer = "".join(f"/{_escaped(step)}" for step in error.instance_path)
        return _invalid("schema_error", pointer, error.message, flags)
    return Measurement(value=1.0, raw_value=1.0, flags=flags)


def _escaped(step: str | int) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")


def _invalid(kind: str, pointer: str, message: str, flags: tuple[str, ...]) -> Measurement:
    evidence = Evidence(kind=kind, ref=f"response#{pointer[:200]}", text=message[:200])
    return Measurement(value=0.0, raw_value=0.0, evidence=(evidence,), flags=flags)


def _fetch_nothing(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is outside the schema")


@lru_cache(maxsize=128)
def _compiled(schema: str) -> tuple[jsonschema_rs.Validator, SchemaCost] | str:
    """The schema's validator and what it costs, or what is wrong with the schema."""
    try:
        parsed = orjson.loads(schema)
    except orjson.JSONDecodeError:
        return "the expected schema is not JSON"
    if not isinstance(parsed, dict | bool):
        return "the expected schema is neither an object nor a boolean"
    try:
        validator = jsonschema_rs.validator_for(
            parsed,
            retriever=_fetch_nothing,
            pattern_options=jsonschema_rs.RegexOptions(_PATTERN_BYTES, _PATTERN_BYTES),
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        return f"the expected schema is broken ({type(error).__name__})"
    return validator, SchemaCost(parsed)

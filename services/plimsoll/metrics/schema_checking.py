"""A response read as JSON and held against its schema, in bounded steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NoReturn

import jsonschema_rs
import orjson

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.canonical import unfenced
from plimsoll.metrics.schema_steps import SchemaCost

MAX_SCHEMA_CHARS = 65_536
MAX_CHARS = 1_000_000
# Subschemas applied, by an upper bound; most take well under 50 ns.
MAX_STEPS = 20_000_000
# All errors are made before the first is handed out, at some 20 us each.
MAX_STEPS_FOR_ALL = 20_000
MAX_ERRORS = 8
_PATTERN_BYTES = 1 << 20
# The parser's own word for JSON that it gives up, valid or not: 1,024 levels.
_DEPTH = "depth limit"


@dataclass(frozen=True, slots=True)
class SchemaError:
    """What is wrong, where in the document (a JSON pointer), and by which keyword of the schema."""

    pointer: str
    message: str
    keyword: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The response's document and what to hold it against; None for what is no JSON."""

    document: object | None
    readable: bool
    validator: jsonschema_rs.Validator
    steps: int
    flags: tuple[str, ...]

    def errors(self) -> tuple[SchemaError, ...]:
        """The first errors in the validator's order; of a large document the first alone."""
        return tuple(self._found() if self.steps <= MAX_STEPS_FOR_ALL else self._first())

    def all_errors(self) -> Iterator[SchemaError] | None:
        """Every error; None where the document is too large to have all of them made."""
        if self.steps > MAX_STEPS_FOR_ALL:
            return None
        return map(_told, self.validator.iter_errors(self.document))

    def _found(self) -> Iterator[SchemaError]:
        return map(_told, islice(self.validator.iter_errors(self.document), MAX_ERRORS))

    def _first(self) -> Iterator[SchemaError]:
        try:
            self.validator.validate(self.document)
        except jsonschema_rs.ValidationError as error:
            yield _told(error)


def checked(result: LlmResult) -> Reading | Absence:
    """The response and its schema, read; an absence where either is too large or the schema bad.

    A response that is one fenced block is unwrapped and has the flag `unfenced`.
    """
    assert result.expectations is not None  # noqa: S101 - `needs` has been checked
    schema, text = result.expectations.json_schema, result.response.text
    if len(schema) > MAX_SCHEMA_CHARS or len(text) > MAX_CHARS:
        detail = f"schema of {len(schema)} and text of {len(text)} characters"
        return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
    compiled = _compiled(schema)
    if isinstance(compiled, str):
        return Absence(AbsenceReason.INPUT_INVALID, compiled)
    validator, cost = compiled
    body = unfenced(text)
    flags = ("unfenced",) if body is not text else ()
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if too_deep(error):
            return Absence(AbsenceReason.INPUT_TOO_LARGE, "the response is nested too deeply")
        return Reading(None, readable=False, validator=validator, steps=0, flags=flags)
    steps = cost.steps(document, MAX_STEPS)
    if steps >= MAX_STEPS:
        return Absence(AbsenceReason.INPUT_TOO_LARGE, "the schema multiplies on this response")
    return Reading(document, readable=True, validator=validator, steps=steps, flags=flags)


def too_deep(error: orjson.JSONDecodeError) -> bool:
    """Whether the parser gave up for depth, and not because the text is no JSON."""
    return _DEPTH in str(error)


def _told(error: jsonschema_rs.ValidationError) -> SchemaError:
    pointer = "".join(f"/{_escaped(step)}" for step in error.instance_path)
    keyword = str(error.schema_path[-1]) if error.schema_path else ""
    return SchemaError(pointer, error.message, keyword)


def _escaped(step: str | int) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")


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

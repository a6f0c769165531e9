"""Results in tables: a map says which column holds what."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

import orjson

from plimsoll.cli.identify import derived_id
from plimsoll.domain.errors import ConfigurationError, PoisonError
from plimsoll.domain.result import LlmResult
from plimsoll.settings.near import near
from plimsoll.wire.json_results import named_from_json

# What a column may hold, and what it is in protobuf's JSON mapping.
SINGLE = {
    "result_id": "resultId",
    "tenant": "tenant",
    "task_kind": "taskKind",
    "language": "language",
    "conversation_id": "conversationId",
}
LISTS = ("alternatives", "context", "logprobs", "enumeration")
OTHER = ("response", "prompt", "system", "model", "finish_reason", "regex", "json_schema")
FIELDS = (*SINGLE, *OTHER, *LISTS)
_MAX_CELL_CHARS = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line, its result or what is wrong with it, all its cells, and unknown values."""

    number: int
    result: LlmResult | str
    cells: Mapping[str, str]
    unknown: tuple[str, ...]


def parse_map(text: str) -> dict[str, str]:
    """Reads `response=answer,prompt=question`; ConfigurationError says what is wrong."""
    found: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        field, equals, column = (side.strip() for side in part.partition("="))
        if not equals or not column:
            raise ConfigurationError(f"--map {part!r} is not FIELD=COLUMN")
        if field not in FIELDS:
            raise ConfigurationError(f"--map: there is no field {field}: {near(field, FIELDS)}")
        found[field] = column
    return found


def read_csv(text: IO[str], columns: Mapping[str, str]) -> Iterator[Row]:
    """Every row of a table with a head; a field that no map names has the column of its name.

    Lists (alternatives, context, logprobs, enumeration) are JSON lists in a cell; text that does
    not begin as one is a list of one. ConfigurationError where a mapped column is not there.
    """
    csv.field_size_limit(_MAX_CELL_CHARS)
    reader = csv.DictReader(text, strict=True)
    try:
        places = _places(reader.fieldnames or (), columns)
        for cells in reader:
            given = {key: value for key, value in cells.items() if isinstance(value, str)}
            result, unknown = _result(given, places)
            yield Row(reader.line_num, result, given, unknown)
    except csv.Error as error:
        raise ConfigurationError(f"line {reader.line_num}: not CSV: {error}") from error


def _places(head: Sequence[str], columns: Mapping[str, str]) -> dict[str, str]:
    for field, column in columns.items():
        if column not in head:
            raise ConfigurationError(
                f"--map {field}={column}: there is no column {column}: {near(column, head)}"
            )
    own = {field: field for field in FIELDS if field in head}
    places = {**own, **columns}
    if "response" not in places:
        said = f"columns are {', '.join(head) or 'none'}"
        raise ConfigurationError(f"no column holds the response: --map response=COLUMN ({said})")
    return places


def _result(
    cells: Mapping[str, str], places: Mapping[str, str]
) -> tuple[LlmResult | str, tuple[str, ...]]:
    given = {field: cells.get(column, "") for field, column in places.items()}
    try:
        content = orjson.dumps(_message(given))
        return named_from_json(content, derived_id(content))
    except (PoisonError, ValueError) as error:
        return str(error), ()


def _message(given: Mapping[str, str]) -> dict[str, object]:
    """The row in protobuf's JSON mapping; ValueError where a cell cannot be what it should be."""
    response: dict[str, object] = {"text": given["response"]}
    if given.get("finish_reason"):
        response["finishReason"] = given["finish_reason"]
    if given.get("logprobs"):
        response["tokens"] = {"logprobs": _numbers(given["logprobs"])}
    message: dict[str, object] = {"response": response}
    message |= {name: given[field] for field, name in SINGLE.items() if given.get(field)}
    if "taskKind" in message:
        message["taskKind"] = f"TASK_KIND_{str(message['taskKind']).upper()}"
    roles = {"system": given.get("system", ""), "user": given.get("prompt", "")}
    message["messages"] = [{"role": role, "text": text} for role, text in roles.items() if text]
    if given.get("model"):
        message["genAi"] = {"requestModel": given["model"]}
    message["context"] = [{"text": text} for text in _list(given.get("context", ""))]
    message["alternatives"] = [
        {"response": {"text": text}} for text in _list(given.get("alternatives", ""))
    ]
    expectations: dict[str, object] = {}
    if given.get("regex"):
        expectations["regex"] = given["regex"]
    if given.get("json_schema"):
        expectations["jsonSchema"] = given["json_schema"]
    if given.get("enumeration"):
        expectations["enumeration"] = _list(given["enumeration"])
    return {**message, "expectations": expectations} if expectations else message


def _list(cell: str) -> list[str]:
    if not cell.strip():
        return []
    if cell.lstrip().startswith("["):
        found = orjson.loads(cell)
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return found
        raise ValueError('a list in a cell holds strings: ["one", "two"]')
    return [cell]


def _numbers(cell: str) -> list[float]:
    found = orjson.loads(cell)
    if isinstance(found, list) and all(isinstance(one, int | float) for one in found):
        return [float(one) for one in found]
    raise ValueError("logprobs in a cell are a JSON list of numbers: [-0.1, -2.3]")

"""Protobuf's JSON mapping of results: unknown fields are accepted and named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import orjson
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.json_format import MessageToJson, ParseDict, ParseError

from plimsoll.domain.errors import PoisonError
from plimsoll.v1 import result_pb2

_MAX_NAMED = 8
_MAX_DEPTH = 32
# What a value may look like to be named: a producer's text is no name, and goes into no log.
_IDENTIFIER = re.compile(r"[A-Za-z0-9_]{1,40}")
# How the parser begins, once for each level, and where it says at its end that it stood.
_FIELD = re.compile(r"Failed to parse ([A-Za-z0-9_]{1,40}) field: ")
_PLACE = re.compile(r" at [A-Za-z0-9_]{1,40}\.([A-Za-z0-9_.\[\]]{1,200}?)\.*\Z")
_MOST_OF_A_PLACE = 300
_INDEX = re.compile(r"\[[0-9]+\]")
_NO_TIME = "is no time with its zone, as 2026-01-31T09:00:00Z"
# What it says, before it quotes anything, and what that means.
_SAID = {
    "must be in []": "is no list",
    "must be in a dict": "is no object",
    "null is not allowed": "has null for an element",
    "expected string": "is no text",
    "Couldn't parse integer": "is no whole number",
    "Couldn't parse float": "is no number",
    "invalid literal for int": "is no whole number",
    "not acceptable for integer": "is no whole number",
    "out of range": "is out of range",
    "timezone offset": _NO_TIME,
    "Timestamp JSON value not a string": _NO_TIME,
    "does not match format": _NO_TIME,
}
_Message = TypeVar("_Message", result_pb2.LlmResult, result_pb2.LlmResultBatch)


def result_from_json(
    value: bytes | str,
) -> tuple[Sequence[result_pb2.LlmResult], tuple[str, ...]]:
    """One result, and the names of fields and of enumerations' values that nobody knows."""
    message, unknown = _parse(value, result_pb2.LlmResult)
    return (message,), unknown


def batch_from_json(
    value: bytes | str,
) -> tuple[Sequence[result_pb2.LlmResult], tuple[str, ...]]:
    """The results of a batch, and what nobody knows, as for one result."""
    message, unknown = _parse(value, result_pb2.LlmResultBatch)
    return message.results, unknown


def to_json(message: result_pb2.LlmResult) -> str:
    """One line of JSON; deterministic."""
    return MessageToJson(message, indent=None, sort_keys=True, ensure_ascii=False)


def _parse(value: bytes | str, make: Callable[[], _Message]) -> tuple[_Message, tuple[str, ...]]:
    try:
        tree = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise PoisonError("undecodable", f"not JSON: {error}") from error
    if not isinstance(tree, dict):
        raise PoisonError("wrong_type", f"a JSON {type(tree).__name__} is not an object")
    message = make()
    unknown = tuple(_unknown(tree, message.DESCRIPTOR))[:_MAX_NAMED]
    try:
        ParseDict(tree, message, ignore_unknown_fields=True)
    except (ParseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        # The parser lets some wrong types through to Python's own errors.
        name = message.DESCRIPTOR.name
        raise PoisonError("undecodable", f"not {name} in JSON: {_told(str(error))}") from error
    return message, unknown


def _told(said: str) -> str:
    """Which field cannot be read and why, without what stands there, which the parser quotes.

    A prompt that is no list would be in the dead letter's headers, and in whatever shows them.
    """
    fields: list[str] = []
    start = 0
    while level := _FIELD.match(said, start):
        fields.append(level[1])
        start = level.end()
    # What is quoted between the two may be long, and is not looked through.
    where, place = ".".join(fields), _PLACE.search(said[start:][-_MOST_OF_A_PLACE:])
    # One that leads elsewhere may be part of what was sent.
    if place is not None and _INDEX.sub("", place[1]).startswith(where):
        where = place[1]
    found = {said.find(words, start): meaning for words, meaning in _SAID.items()}
    found.pop(-1, None)
    why = found[min(found)] if found else "cannot be read"
    return f"{where} {why}" if where else f"a field {why}"


def _unknown(
    tree: Mapping[str, object], descriptor: Descriptor | None, path: str = ""
) -> Iterator[str]:
    """Names of unknown fields, and of unknown values as `field=value`.

    PoisonError where a message is no object.

    The parser itself takes a text for a message: it looks for each letter as a field.
    """
    if descriptor is None:
        return
    if path.count(".") > _MAX_DEPTH:
        raise PoisonError("undecodable", f"nested more than {_MAX_DEPTH} deep")
    known = {f.json_name: f for f in descriptor.fields} | {f.name: f for f in descriptor.fields}
    for name, value in tree.items():
        field = known.get(name)
        if field is None:
            yield f"{path}{name}"[:80]
        elif field.type == FieldDescriptor.TYPE_ENUM:
            yield from _unknown_values(value, field, f"{path}{name}")
        elif field.type == FieldDescriptor.TYPE_MESSAGE and _is_ours(field) and value is not None:
            for item in value if isinstance(value, list) else [value]:
                if not isinstance(item, dict):
                    raise PoisonError("wrong_type", f"{path}{name} is not an object")
                yield from _unknown(item, field.message_type, f"{path}{name}.")


def _unknown_values(value: object, field: FieldDescriptor, path: str) -> Iterator[str]:
    """Values that the parser reads as UNSPECIFIED without a word, as `open_qa` for a task kind."""
    kinds = field.enum_type
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, str) or kinds is None or item in kinds.values_by_name:
            continue
        # The parser takes a number for one as text, too.
        if not item.removeprefix("-").isdecimal():
            yield f"{path}={item}" if _IDENTIFIER.fullmatch(item) else path


def _is_ours(field: FieldDescriptor) -> bool:
    message = field.message_type
    return (
        message is not None
        and message.full_name.startswith("plimsoll.")
        and not message.GetOptions().map_entry
    )

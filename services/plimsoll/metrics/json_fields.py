"""A JSON response field by field: each leaf with its pointer, its canonical form and its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import orjson

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.canonical import unfenced
from plimsoll.metrics.dates import calendar_date
from plimsoll.metrics.last import Last
from plimsoll.metrics.words import folded, normal_formula, number

# Leaves of one document; what has more is data that was asked for, not an answer in fields.
MAX_FIELDS = 1_000
MAX_CHARS = 1_000_000
MAX_DEPTH = 64
_TOKEN = re.compile(r'[{}\[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}\[\],:"]+')


class Kind(StrEnum):
    """What a leaf is; an empty container is one."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NULL = "null"
    OBJECT = "object"
    ARRAY = "array"
    # Not of JSON: a word that is compared as it is.
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Field:
    """A leaf: what it says, the form it is compared in, and where it stands in the response.

    `start` and `end` are half-open, in code points; quotes are outside unless nothing is inside.
    """

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def form(self) -> str:
        """Kind and canonical form: numbers by value, dates by day, strings case-folded (NFKC)."""
        if self.kind is Kind.NUMBER:
            return f"number:{number(self.text) or self.text}"
        if self.kind is Kind.STRING:
            moment = calendar_date(self.text)
            return f"date:{moment}" if moment else f"string:{normal_formula(folded(self.text))}"
        return f"{self.kind}:{self.text}"


# Leaves by JSON pointer (RFC 6901), in the order of the text.
Fields = Mapping[str, Field]


def fields_of(text: str) -> Fields | Absence | None:
    """The leaves of a text that is one JSON object or array, fenced or not; None for another.

    `input_too_large` where there are too many, or they lie too deep.
    """
    body = unfenced(text)
    trimmed = body.strip()
    if len(trimmed) < 2 or trimmed[0] not in "{[" or trimmed[-1] not in "}]":
        return None
    if len(text) > MAX_CHARS:
        return _too_large(f"{len(text)} characters of JSON, {MAX_CHARS} allowed")
    try:
        orjson.loads(trimmed)
    except orjson.JSONDecodeError:
        return None
    return _scanned(body, text.find(body))


def looks_like_json(result: LlmResult) -> bool:
    """Whether reading the response's fields is any work."""
    return result.response.text.lstrip()[:1] in {"{", "[", "`"}


def response_fields(result: LlmResult) -> Fields | Absence:
    """The leaves of the response, read once; an absence where it has no fields."""
    return _last.of(result)


def _response_fields(result: LlmResult) -> Fields | Absence:
    found = fields_of(result.response.text)
    if found is None:
        expected = result.expectations is not None and result.expectations.json_schema
        reason = AbsenceReason.PARSE_FAILED if expected else AbsenceReason.NOT_APPLICABLE
        return Absence(reason, "the response is no JSON object or array")
    return found


_last = Last(_response_fields)


@dataclass(slots=True)
class _Frame:
    """A container that is open: its pointer, and the key or index that comes next."""

    pointer: str
    array: bool
    start: int
    index: int = 0
    key: str | None = None
    empty: bool = field(default=True)

    @property
    def place(self) -> str:
        """The pointer of the value that comes next."""
        return f"{self.pointer}/{self.index if self.array else self.key}"


def _scanned(body: str, at: int) -> Fields | Absence:
    """Leaves of valid JSON that begins `at` characters into the response; the last key counts."""
    leaves: dict[str, Field] = {}
    frames: list[_Frame] = []
    for match in _TOKEN.finditer(body):
        token, start = match[0], match.start() + at
        mark = token[0]
        top = frames[-1] if frames else None
        if mark in "{[":
            if len(frames) == MAX_DEPTH:
                return _too_large(f"JSON deeper than {MAX_DEPTH}")
            frames.append(_Frame(_enter(top), mark == "[", start))
        elif mark in "}]":
            closed = frames.pop()
            if closed.empty:
                kind = Kind.ARRAY if closed.array else Kind.OBJECT
                leaves[closed.pointer] = Field(kind, "", closed.start, start + 1)
        elif mark == "," and top is not None:
            top.index, top.key = top.index + 1, None
        elif top is not None and mark != ":":
            if not top.array and top.key is None:
                top.key = _unquoted(token).replace("~", "~0").replace("/", "~1")
            else:
                leaves[_enter(top)] = _leaf(token, start)
        if len(leaves) > MAX_FIELDS:
            return _too_large(f"more than {MAX_FIELDS} fields")
    return leaves


def _enter(top: _Frame | None) -> str:
    """The pointer of a value that begins here; its container is empty no more."""
    if top is None:
        return ""
    top.empty = False
    return top.place


def _leaf(token: str, start: int) -> Field:
    if token[0] == '"':
        edge = 1 if len(token) > 2 else 0
        return Field(Kind.STRING, _unquoted(token), start + edge, start + len(token) - edge)
    kind = {"t": Kind.BOOLEAN, "f": Kind.BOOLEAN, "n": Kind.NULL}.get(token[0], Kind.NUMBER)
    return Field(kind, token, start, start + len(token))


def _unquoted(token: str) -> str:
    return str(orjson.loads(token)) if "\\" in token else token[1:-1]


def _too_large(detail: str) -> Absence:
    return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)

"""Calls, arguments and literals in source text, found without running or fully parsing it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

_OPENING = {"(": ")", "[": "]", "{": "}"}
_CLOSING = frozenset(_OPENING.values())
_MAX_SPAN = 4_000
_MAX_DEPTH = 40
# What is looked at before and after a call.
_MAX_BEFORE = 20
_MAX_CALLS = 500
_MAX_AFTER = 300


def closing(text: str, start: int) -> int | None:
    """Where the bracket that opens at `start` closes; strings inside are passed over."""
    awaited: list[str] = []
    place = start
    end = min(len(text), start + _MAX_SPAN)
    while place < end:
        character = text[place]
        if character in "\"'`":
            after = _string_end(text, place, end)
            if after is None:
                return None
            place = after
            continue
        if character in _OPENING:
            awaited.append(_OPENING[character])
        elif character in _CLOSING:
            if awaited.pop() != character:
                return None
            if not awaited:
                return place
        if len(awaited) > _MAX_DEPTH:
            return None
        place += 1
    return None


def _string_end(text: str, start: int, end: int) -> int | None:
    quote = text[start]
    if text.startswith(quote * 3, start):
        found = text.find(quote * 3, start + 3, end)
        return None if found < 0 else found + 3
    place = start + 1
    while place < end and text[place] != "\n":
        if text[place] == "\\":
            place += 1
        elif text[place] == quote:
            return place + 1
        place += 1
    return None


def split_top(text: str, separator: str = ",") -> list[str] | None:
    """Pieces between separators that stand in no bracket or string; None where it is broken."""
    pieces: list[str] = []
    begin = place = 0
    while place < len(text):
        character = text[place]
        if character in _OPENING:
            end = closing(text, place)
        elif character in "\"'`":
            end = _string_end(text, place, len(text))
            end = None if end is None else end - 1
        elif character in _CLOSING:
            return None
        else:
            if character == separator:
                pieces.append(text[begin:place])
                begin = place + 1
            end = place
        if end is None:
            return None
        place = end + 1
    return [*pieces, text[begin:]]


def calls(text: str, name: str) -> Iterator[tuple[str, str]]:
    """Arguments of each call of a function in a text, and what follows the call on its line."""
    if not name:
        return
    found = re.finditer(rf"(?<![\w.]){re.escape(name)}\(", text)
    for match in islice(found, _MAX_CALLS):
        before = text[max(0, match.start() - _MAX_BEFORE) : match.start()].rstrip()
        if before.endswith(("def", "function", "async")):
            continue
        end = closing(text, match.end() - 1)
        if end is not None:
            after = text[end + 1 : end + 1 + _MAX_AFTER].partition("\n")[0]
            yield text[match.end() : end].strip(), after


def bracketed(text: str) -> Iterator[str]:
    """Lists in square brackets, outermost ones."""
    place = text.find("[")
    while place >= 0:
        end = closing(text, place)
        if end is not None:
            yield text[place : end + 1]
        place = text.find("[", (end if end is not None else place) + 1)

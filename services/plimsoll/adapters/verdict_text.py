"""What a model has written: a verdict as one JSON object, read without leniency, or plain text."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judging import TEXT

# Verdicts are a few hundred tokens; what is longer is not one.
_MOST_CHARACTERS = 200_000
# JSON can name half of a character that takes two; no text that is written to bytes can hold it.
_HALVES = re.compile("[\ud800-\udfff]")


def read_object(text: str, stop: str) -> Mapping[str, object] | Absence:
    """The object, or `parse_failed`: what surrounds it, a name twice or NaN are not guessed at.

    Half of a character, as a model that breaks an emoji leaves it, is read as U+FFFD.
    """
    if len(text) > _MOST_CHARACTERS:
        return Absence(AbsenceReason.PARSE_FAILED, f"{stop}: {len(text)} characters, not a verdict")
    try:
        found = json.loads(
            text, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_finite
        )
    except (ValueError, RecursionError):
        return Absence(AbsenceReason.PARSE_FAILED, f"{stop}: not one JSON object")
    if not isinstance(found, dict):
        return Absence(AbsenceReason.PARSE_FAILED, f"{stop}: JSON, but not an object")
    return found


def read_plain(text: str, stop: str) -> Mapping[str, object] | Absence:
    """The text of a call without a form; `parse_failed` where nothing was written."""
    if len(text) > _MOST_CHARACTERS:
        return Absence(AbsenceReason.PARSE_FAILED, f"{stop}: {len(text)} characters, too many")
    if not text.strip():
        return Absence(AbsenceReason.PARSE_FAILED, f"{stop}: nothing was written")
    return {TEXT: text}


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = {
        _whole(name): _whole(value) if isinstance(value, str) else value for name, value in pairs
    }
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _whole(text: str) -> str:
    return _HALVES.sub("\N{REPLACEMENT CHARACTER}", text)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")

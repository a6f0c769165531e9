"""The answer that a text ends with, apart from the reasoning that leads to it."""

from __future__ import annotations

import math
import re
from collections import deque
from dataclasses import dataclass

import orjson

from plimsoll.domain.quick import quick
from plimsoll.metrics.canonical import unfenced
from plimsoll.metrics.words import folded, normal_text, number, words

# `Answer: 7`, `**Final answer:** 7`, `the answer is 7`, `#### 7`, and a line `A: 7`.
_MARK = re.compile(
    r"\banswer(?:\*\*)?[ \t]*(?:is[ \t]*:?|[:=])(?:\*\*)?|\banswer:|^####|^[ \t]*a:",
    re.IGNORECASE | re.MULTILINE,
)
_OPTION = re.compile(r"\(?([A-Za-z])[).:]\s+(?=\S)")
_FIGURE = re.compile(r"(?<!\w)[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?!\w)")
_SIGNS = frozenset("+-*/=^()[]{}<>|\\_")
# In other texts signs count, because `x-1` is not `x+1`.
_PROSE = re.compile(r"[\w\s,.!?;:'\"]*")
_EDGES = " \t\r\n*`$\"'"
# A text of one line and no more than this is an answer without reasoning.
_SHORT = 120
_FEW_WORDS = 4
# How many marks are looked at from the end, and how many characters after each.
_LAST_MARKS = 3
_REACH = 2_000
# Samples of a calculation differ in their last digits.
_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class FinalAnswer:
    """An answer as a number where it is one, and in its normal form."""

    text: str
    value: float | None

    def same_as(self, other: FinalAnswer) -> bool:
        """Equal numbers, to a thousandth of their size, or equal normal forms."""
        if self.value is not None and other.value is not None:
            return math.isclose(self.value, other.value, rel_tol=_TOLERANCE, abs_tol=1e-9)
        return self.text == other.text


_final_answer = quick(FinalAnswer)


def final_answer(text: str) -> FinalAnswer | None:
    """What a text ends with: a JSON answer, a box, what follows a mark, or a short text itself.

    None where a longer text marks no answer, so that the end of an essay is not taken for one.
    """
    found = _of_json(text) or _boxed(text) or _marked(text)
    if found is None:
        stripped = text.strip()
        if not stripped or len(stripped) > _SHORT or "\n" in stripped:
            return None
        found = stripped
    return _read(found)


def _of_json(text: str) -> str | None:
    """The member `answer` of a JSON object that is the whole text, fenced or not."""
    body = unfenced(text).strip()
    if body[:1] != "{" or body[-1:] != "}":
        return None
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    answer = document.get("answer")
    return str(answer) if isinstance(answer, str | int | float) else None


def _boxed(text: str) -> str | None:
    r"""What stands in the last `\boxed{...}`."""
    _, mark, rest = text.rpartition("\\boxed{")
    depth = 1
    for place, sign in enumerate(rest if mark else ""):
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return rest[:place]
    return None


def _marked(text: str) -> str | None:
    """What follows the last mark, up to the end of the line that it begins."""
    # What the pattern cannot be without; in other scripts letters have more folds.
    if text.isascii() and ":" not in text and "####" not in text and "answer" not in text.lower():
        return None
    for mark in reversed(deque(_MARK.finditer(text), maxlen=_LAST_MARKS)):
        lines = text[mark.end() : mark.end() + _REACH].strip(_EDGES + ":").splitlines()
        if lines and lines[0].strip():
            return lines[0]
    return None


def _read(answer: str) -> FinalAnswer:
    plain = answer.strip(_EDGES).rstrip(".").strip(_EDGES)
    option = _OPTION.match(plain)
    if option is not None:
        plain = plain[option.end() :]
    lowered = folded(plain)
    found = words(lowered)
    value = number(lowered) or _only_number(lowered, found)
    prose = _PROSE.fullmatch(lowered) is not None
    return _final_answer(
        text=normal_text(lowered, found) if prose else "".join(lowered.split()),
        value=float(value) if value is not None and math.isfinite(float(value)) else None,
    )


def _only_number(lowered: str, among: list[str]) -> str | None:
    """The number of a few words that hold one: `16 dollars`, `$1,200`, `80%`."""
    if len(among) > _FEW_WORDS:
        return None
    found = _FIGURE.findall(lowered)
    if len(found) != 1:
        return None
    rest = lowered.replace(found[0], "", 1)
    return None if _SIGNS & set(rest) else found[0].replace(",", "")

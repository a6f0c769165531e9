"""Final answers as what they are: a choice, a date, a number with its unit, or words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.domain.quick import quick
from plimsoll.metrics.conclusions import concluded
from plimsoll.metrics.dates import calendar_date
from plimsoll.metrics.quantities import Quantity, quantity
from plimsoll.metrics.words import folded, normal_text, words

_OPTION = re.compile(
    r"(?:(?:option|choice)\s{1,4})?(?:\(\s?([A-Za-z])\s?\)|([A-Za-z])(?:[).:](?=\s|\Z)|\Z))\s*",
    re.IGNORECASE,
)
# How LaTeX writes a unit, a blank, and signs that mean something to it.
_LATEX = re.compile(
    r"\\(?:text|mathrm|mbox|textbf)\{([^{}]{0,100})\}|\\[,;:! ]|\\(?=[$%])|\^\\circ"
)
# In other texts signs count, because `x-1` is not `x+1`.
_PROSE = re.compile(r"[\w\s,.!?;:'\"]*")
_DIGIT = re.compile("[0-9]")
_EDGES = " \t\r\n*`\"'"


@dataclass(frozen=True, slots=True)
class FinalAnswer:
    """An answer in its normal form, with the letter of its choice and its quantity, if any."""

    text: str
    choice: str
    quantity: Quantity | None

    def same_as(self, other: FinalAnswer) -> bool:
        """The same letter where both are choices, equal quantities, or equal normal forms."""
        if self.choice and other.choice:
            return self.choice == other.choice
        if self.quantity is not None and other.quantity is not None:
            return self.quantity.same_as(other.quantity)
        return self.text == other.text


_final_answer = quick(FinalAnswer)


def final_answers(texts: Sequence[str]) -> list[FinalAnswer | None]:
    """What each text ends with, read; None where a longer text marks no answer."""
    return [None if found is None else _read(found.text) for found in concluded(texts)]


def _read(answer: str) -> FinalAnswer:
    # Whatever LaTeX writes has a backslash.
    plain = _LATEX.sub(r"\1", answer) if "\\" in answer else answer
    plain = plain.strip(_EDGES).rstrip(".").strip(_EDGES)
    # A formula between dollars, but not an amount of them.
    plain = plain.strip("$").strip() if plain[:1] == plain[-1:] == "$" else plain
    option = _OPTION.match(plain)
    choice = (option[1] or option[2]).upper() if option is not None else ""
    if option is not None and option.end() < len(plain):
        plain = plain[option.end() :]
    lowered = folded(plain)
    # No date and no quantity is without a digit.
    counts = _DIGIT.search(lowered) is not None
    moment = calendar_date(plain) if counts else None
    prose = _PROSE.fullmatch(lowered) is not None
    normal = normal_text(lowered, words(lowered)) if prose else "".join(lowered.split())
    return _final_answer(
        text=f"date:{moment}" if moment else normal,
        choice=choice,
        quantity=quantity(lowered) if counts and not moment else None,
    )

"""Final answers as what they are: a choice, a date, a number with its unit, or words."""

from __future__ import annotations

import re
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


def final_answer(text: str) -> FinalAnswer | None:
    """What a text ends with, read; None where a longer text marks no answer."""
    found = concluded(text)
    return None if found is None else _read(found.text)


def _read(answer: str) -> FinalAnswer:
    plain = _LATEX.sub(r"\1", answer).strip(_EDGES).rstrip(".").strip(_EDGES)
    # A formula between dollars, but not an amount of them.
    plain = plain.strip("$").strip() if plain[:1] == plain[-1:] == "$" else plain
    option = _OPTION.match(plain)
    choice = (option[1] or option[2]).upper() if option is not None else ""
    if option is not None and option.end() < len(plain):
        plain = plain[option.end() :]
    moment = calendar_date(plain)
    lowered = folded(plain)
    prose = _PROSE.fullmatch(lowered) is not None
    normal = normal_text(lowered, words(lowered)) if prose else "".join(lowered.split())
    return _final_answer(
        text=f"date:{moment}" if moment else normal,
        choice=choice,
        quantity=None if moment else quantity(lowered),
    )

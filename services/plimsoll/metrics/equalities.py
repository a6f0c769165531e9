"""What metrics share that check equalities which a response states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.reading import normal_form

MAX_EVIDENCE = 16


class Equality(Protocol):
    """Two things that are said to be equal: half-open offsets, and whether they are."""

    @property
    def start(self) -> int:
        """The first character."""

    @property
    def end(self) -> int:
        """The character after the last."""

    @property
    def holds(self) -> bool:
        """Whether they are equal."""


def share_that_hold(
    result: LlmResult,
    find: Callable[[str], Sequence[Equality]],
    max_chars: int,
    kind: str,
    counted: str,
) -> Measurement | Absence | None:
    """The share in [0, 1] of the response's equalities that hold; None where it states none.

    Evidence is those that do not, of that kind; provenance says how many were `counted`. In code
    an equals sign assigns.
    """
    text = result.response.text
    if len(text) > max_chars:
        detail = f"{len(text)} characters, {max_chars} allowed"
        return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
    found = find(text) if normal_form(result) != "code" else ()
    if not found:
        return None
    wrong = [equality for equality in found if not equality.holds]
    return Measurement(
        value=1.0 - len(wrong) / len(found),
        raw_value=float(len(wrong)),
        evidence=tuple(
            Evidence(
                kind=kind,
                ref="response.text",
                start=equality.start,
                end=equality.end,
                text=text[equality.start : equality.end][:200],
            )
            for equality in wrong[:MAX_EVIDENCE]
        ),
        provenance=((counted, str(len(found))),),
    )

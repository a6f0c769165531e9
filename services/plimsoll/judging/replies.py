"""From what a judge filled in to a value on its rubric, or to why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judging import JudgeReply
from plimsoll.domain.rubric import Rubric
from plimsoll.judging.material import neutral
from plimsoll.judging.questions import CANNOT_TELL, GRADE, RATIONALE

_MAX_RATIONALE_CHARS = 600


@dataclass(frozen=True, slots=True)
class Answer:
    """A value in [0, 1] with the grade that it comes from, or an absence; and the judge's words."""

    outcome: float | Absence
    grade: int | None = None
    rationale: str = ""


def answer(rubric: Rubric, reply: JudgeReply) -> Answer:
    """Reads a reply strictly: nothing is guessed, and no number is taken out of prose."""
    verdict = reply.verdict
    if verdict is None:
        return Answer(reply.absence or Absence(AbsenceReason.PROVIDER_ERROR, "no reply"))
    words = verdict.get(RATIONALE)
    rationale = neutral(words)[:_MAX_RATIONALE_CHARS] if isinstance(words, str) else ""
    if not rationale.strip():
        return Answer(_unreadable("it gives no reason"))
    outcome, grade = _graded(rubric, verdict)
    return Answer(outcome, grade, rationale)


def _graded(rubric: Rubric, verdict: Mapping[str, object]) -> tuple[float | Absence, int | None]:
    cannot_tell, grade = verdict.get(CANNOT_TELL), verdict.get(GRADE)
    if cannot_tell is True:
        return Absence(AbsenceReason.ABSTAINED, "the judge cannot tell"), None
    if cannot_tell is not False:
        return _unreadable(f"{CANNOT_TELL} is neither true nor false"), None
    # True is an int to Python, and no grade.
    if not isinstance(grade, int) or isinstance(grade, bool):
        return _unreadable("its grade is no whole number"), None
    value = rubric.value_of(grade)
    if value is None:
        return _unreadable("its grade is none of the rubric's"), None
    return value, grade


def _unreadable(why: str) -> Absence:
    return Absence(AbsenceReason.PARSE_FAILED, f"the verdict cannot be read: {why}")

"""Which labels teach, and what they say together of each result."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from plimsoll.calibration.learning.places import LabelPlace, Tally
from plimsoll.domain.feedback import Feedback, FeedbackSource
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.learned import ScopeKey

# A judge is never calibrated on what a language model says.
TEACH = frozenset({FeedbackSource.HUMAN, FeedbackSource.EXECUTION, FeedbackSource.DOWNSTREAM})
_MOST_OF_RESULT = 64
_RIGHT = 0.5


class LabelOutcome(StrEnum):
    """What becomes of a label."""

    TAUGHT = "taught"
    CORRECTED = "corrected"
    RETRACTED = "retracted"
    # Learned before a restart.
    KNOWN = "known"
    # Held until everything that was learned before is known again.
    WAITING = "waiting"
    DOUBLED = "doubled"
    NOT_AUDIT = "not_audit"
    NOT_SEEN = "not_seen"
    SOURCE = "source"
    TOO_MANY = "too_many"
    # Of claims: one that is kept has no label, or the promise was taken back before.
    INCOMPLETE = "incomplete"
    TAKEN_BACK = "taken_back"


@dataclass(slots=True)
class LabelledResult:
    """A result that was drawn to be labelled: it counts once, where its first label stands.

    Scope and unlearned point are those of that label, whatever becomes of it. `standing` are the
    grades of labels that stand, `replaced` and `retracted` the IDs of those that do no more.
    """

    key: ResultKey
    scope: ScopeKey
    point: float
    place: LabelPlace
    standing: dict[str, float] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    retracted: set[str] = field(default_factory=set)

    @property
    def right(self) -> bool | None:
        """Whether the mean of its labels is above 1/2, so a tie is not; None where none stands."""
        if not self.standing:
            return None
        return math.fsum(self.standing.values()) / len(self.standing) > _RIGHT

    @property
    def tally(self) -> Tally:
        """What it adds to counts."""
        right = self.right
        return Tally() if right is None else Tally(1, int(right))

    @property
    def labels(self) -> int:
        """How many are remembered."""
        return len(self.standing) + len(self.replaced) + len(self.retracted)

    def retract(self, feedback_id: str) -> bool:
        """Takes a label away, for good; whether it stood."""
        stood = self.standing.pop(feedback_id, None) is not None
        if stood or feedback_id in self.replaced:
            self.replaced.discard(feedback_id)
            self.retracted.add(feedback_id)
        return stood

    def replace(self, feedback_id: str) -> bool:
        """Takes a label away for another; whether it stood."""
        if self.standing.pop(feedback_id, None) is None:
            return False
        self.replaced.add(feedback_id)
        return True

    def comes_back(self, feedback: Feedback) -> bool:
        """Whether a label that was replaced replaces what stands in its place.

        Only what was turned and is turned back names such a circle; what was merely sent twice
        does not.
        """
        return feedback.feedback_id in self.replaced and feedback.supersedes in self.standing


def scope_of(feedback: Feedback) -> ScopeKey | None:
    """Where a label would teach; None where nothing was seen of its result."""
    seen = feedback.seen
    if seen is None or not seen.basis:
        return None
    return ScopeKey(feedback.key.tenant, seen.task_kind, seen.basis)


def first_label(
    feedback: Feedback, scope: ScopeKey | None, place: LabelPlace
) -> LabelledResult | LabelOutcome:
    """The result of a first label, or why that teaches nothing."""
    if feedback.retracted or not feedback.audit:
        return LabelOutcome.NOT_AUDIT
    if feedback.source not in TEACH:
        return LabelOutcome.SOURCE
    if scope is None or feedback.seen is None or feedback.label is None:
        return LabelOutcome.NOT_SEEN
    grades = {feedback.feedback_id: float(feedback.label)}
    return LabelledResult(feedback.key, scope, feedback.seen.point, place, grades)


def further_label(result: LabelledResult, feedback: Feedback) -> LabelOutcome:
    """Adds, replaces or retracts a label of a result that is drawn already.

    What replaces a label need not say that it was drawn: its result was. A label is retracted by
    its own ID or as the one that is replaced, whoever says so but a language model.
    """
    if feedback.retracted and feedback.source is not FeedbackSource.LLM:
        stood = [result.retract(named) for named in (feedback.feedback_id, feedback.supersedes)]
        return LabelOutcome.RETRACTED if any(stood) else LabelOutcome.DOUBLED
    if feedback.source not in TEACH:
        return LabelOutcome.SOURCE
    back = result.comes_back(feedback)
    known = (*result.standing, *result.replaced, *result.retracted)
    if feedback.label is None or (not back and feedback.feedback_id in known):
        return LabelOutcome.DOUBLED
    if not back and result.labels >= _MOST_OF_RESULT:
        return LabelOutcome.TOO_MANY
    corrects = result.replace(feedback.supersedes)
    result.replaced.discard(feedback.feedback_id)
    if not corrects and not feedback.audit:
        return LabelOutcome.NOT_AUDIT
    result.standing[feedback.feedback_id] = float(feedback.label)
    return LabelOutcome.CORRECTED if corrects else LabelOutcome.TAUGHT

"""Streams of labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from plimsoll.calibration.learning.fold import Learning
from plimsoll.calibration.learning.labels import LabelOutcome
from plimsoll.calibration.learning.places import LabelPlace
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.domain.feedback import Feedback, FeedbackSource, Seen
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.learned import LearnedScope, ScopeKey
from plimsoll.domain.result import TaskKind

START = datetime(2026, 1, 1, tzinfo=UTC)
BASIS = "0123456789abcdef"
SCOPE = ScopeKey("acme", TaskKind.OPEN_QA, BASIS)

Labelled = tuple[Feedback, LabelPlace]


def seen(point: float, basis: str = BASIS) -> Seen:
    """What look-ups showed."""
    return Seen("s", 0, TaskKind.OPEN_QA, basis, point, point, "prior-1")


def label(
    result: int,
    grade: bool | float,
    point: float = 0.9,
    *,
    feedback_id: str = "",
    audit: bool = True,
    source: FeedbackSource = FeedbackSource.HUMAN,
    supersedes: str = "",
    retracted: bool = False,
) -> Feedback:
    """A label of one result."""
    return Feedback(
        feedback_id=feedback_id or f"f-{result}",
        key=ResultKey("acme", f"r-{result}"),
        label=grade,
        source=source,
        supersedes=supersedes,
        retracted=retracted,
        audit=audit,
        seen=seen(point),
    )


def placed(labels: Iterable[Feedback], every: timedelta = timedelta(minutes=1)) -> list[Labelled]:
    """Each at the next offset of partition 0, so much later than the one before."""
    return [
        (given, LabelPlace(START + index * every, 0, index)) for index, given in enumerate(labels)
    ]


def folded(learning: Learning, labels: Iterable[Labelled]) -> list[LabelOutcome]:
    """What becomes of each."""
    return [learning.fold(given, place) for given, place in labels]


def learned(learning: Learning) -> LearnedScope:
    """What there is of the one scope that the values here are of."""
    learning.take_changes()
    return learning.scopes[SCOPE]


def published(learning: Learning) -> dict[ScopeKey, LearnedScope]:
    """The last record of each scope."""
    learning.take_changes()
    return dict(learning.scopes)


def in_batches(
    rules: LearningRules, labels: Sequence[Labelled], size: int
) -> dict[ScopeKey, LearnedScope]:
    """What is learned where each so many are published by themselves."""
    learning = Learning(rules)
    for start in range(0, len(labels), size):
        folded(learning, labels[start : start + size])
        learning.take_changes()
    return dict(learning.scopes)


def restarted_with_other_order(
    rules: LearningRules, labels: Sequence[Labelled], at: int
) -> dict[ScopeKey, LearnedScope]:
    """What is learned where a restart reads again partition by partition, the last one first."""
    before = Learning(rules)
    folded(before, labels[:at])
    after = Learning(rules, before.take_changes())
    folded(after, sorted(labels[:at], key=lambda one: (-one[1].partition, one[1].offset)))
    after.caught_up()
    folded(after, labels[at:])
    return published(after)

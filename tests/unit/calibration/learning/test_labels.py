"""Which labels teach, and how often."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.calibration.learning.fold import Learning
from plimsoll.calibration.learning.labels import LabelOutcome
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.domain.feedback import Feedback, FeedbackSource
from tests.unit.calibration.learning.values import folded, label, learned, placed, seen

RULES = LearningRules()


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (label(1, True), LabelOutcome.TAUGHT),
        (label(1, True, source=FeedbackSource.EXECUTION), LabelOutcome.TAUGHT),
        (label(1, True, source=FeedbackSource.DOWNSTREAM), LabelOutcome.TAUGHT),
        (label(1, True, source=FeedbackSource.LLM), LabelOutcome.SOURCE),
        (label(1, True, source=FeedbackSource.UNSPECIFIED), LabelOutcome.SOURCE),
        (label(1, True, audit=False), LabelOutcome.NOT_AUDIT),
        (label(1, True, retracted=True), LabelOutcome.NOT_AUDIT),
        (replace(label(1, True), seen=None), LabelOutcome.NOT_SEEN),
        (replace(label(1, True), seen=seen(0.9, basis="")), LabelOutcome.NOT_SEEN),
    ],
)
def test_only_audit_labels_of_people_and_facts_teach(
    given: Feedback, outcome: LabelOutcome
) -> None:
    """A label teaches if its result was drawn, a model did not say it, and a score was seen."""
    learning = Learning(RULES)
    assert folded(learning, placed([given])) == [outcome]
    assert len(learning.take_changes()) == (outcome is LabelOutcome.TAUGHT)


def test_a_label_that_was_sent_twice_counts_once() -> None:
    """By its ID; the first one stands."""
    learning = Learning(RULES)
    twice = [label(1, True), label(1, False, feedback_id="f-1")]
    assert folded(learning, placed(twice)) == [LabelOutcome.TAUGHT, LabelOutcome.DOUBLED]
    assert (learned(learning).labels, learned(learning).right) == (1, 1)


@pytest.mark.parametrize(
    ("grades", "right"), [((True, False), 0), ((True, True, False), 1), ((0.5,), 0), ((0.51,), 1)]
)
def test_a_result_with_several_labels_counts_once(grades: tuple[float, ...], right: int) -> None:
    """It is right where the mean of its labels is above one half; a tie promises nothing."""
    learning = Learning(RULES)
    labels = [label(1, grade, feedback_id=f"f-{n}") for n, grade in enumerate(grades)]
    folded(learning, placed(labels))
    assert (learned(learning).labels, learned(learning).right) == (1, right)


@pytest.mark.parametrize(
    "last",
    [
        label(1, True, feedback_id="f-1", retracted=True, audit=False),
        label(1, True, feedback_id="f-2", supersedes="f-1", retracted=True, audit=False),
        label(1, True, retracted=True, source=FeedbackSource.UNSPECIFIED),
    ],
)
def test_a_retracted_label_stands_no_longer(last: Feedback) -> None:
    """By its own ID or as the one that is replaced; sent again, it stays away."""
    learning = Learning(RULES)
    outcomes = folded(learning, placed([label(1, True), last, label(1, True)]))
    assert outcomes == [LabelOutcome.TAUGHT, LabelOutcome.RETRACTED, LabelOutcome.DOUBLED]
    assert learned(learning).labels == 0


def test_what_replaces_a_label_need_not_be_drawn_again() -> None:
    """A correction counts as the label that it corrects, or only what is corrected would vanish."""
    learning = Learning(RULES)
    corrected = label(1, False, feedback_id="f-2", supersedes="f-1", audit=False)
    outcomes = folded(learning, placed([label(1, True), corrected]))
    assert outcomes == [LabelOutcome.TAUGHT, LabelOutcome.CORRECTED]
    assert (learned(learning).labels, learned(learning).right) == (1, 0)


def test_a_label_that_was_replaced_comes_back_in_place_of_what_replaced_it() -> None:
    """Right, wrong, right again: each names the other, so what was said last counts."""
    first = label(1, True, supersedes="f-2")
    second = label(1, False, feedback_id="f-2", supersedes="f-1")
    learning, outcomes = Learning(RULES), []
    for given, at in placed([first, second, first, first, second] * 20):
        outcomes.append(learning.fold(given, at))
        assert learned(learning).right == int(given.label is True)
    assert outcomes[1:5] == [
        LabelOutcome.CORRECTED,
        LabelOutcome.CORRECTED,
        LabelOutcome.DOUBLED,
        LabelOutcome.CORRECTED,
    ]


def test_what_was_replaced_and_is_sent_again_stays_away() -> None:
    """A late copy of a label that names nothing that stands teaches nothing."""
    learning = Learning(RULES)
    labels = [label(1, True), label(1, False, feedback_id="f-2", supersedes="f-1"), label(1, True)]
    assert folded(learning, placed(labels))[2] is LabelOutcome.DOUBLED
    assert learned(learning).right == 0


def test_what_was_retracted_does_not_come_back() -> None:
    """Not even in place of what had replaced it."""
    first = label(1, True, supersedes="f-2")
    second = label(1, False, feedback_id="f-2", supersedes="f-1")
    gone = label(1, True, feedback_id="f-1", retracted=True)
    learning = Learning(RULES)
    outcomes = folded(learning, placed([first, second, gone, first]))
    assert outcomes[2:] == [LabelOutcome.DOUBLED, LabelOutcome.DOUBLED]
    assert learned(learning).right == 0


@pytest.mark.parametrize("retracted", [False, True])
def test_a_model_replaces_and_retracts_nothing(retracted: bool) -> None:
    """What a language model says of a result leaves a person's label where it is."""
    learning = Learning(RULES)
    said = label(
        1,
        False,
        feedback_id="f-2",
        supersedes="f-1",
        source=FeedbackSource.LLM,
        retracted=retracted,
    )
    assert folded(learning, placed([label(1, True), said]))[1] is LabelOutcome.SOURCE
    assert learned(learning).right == 1


def test_nobody_replaces_the_label_of_another_result() -> None:
    """IDs count within their result, so that no tenant reaches another's labels."""
    learning = Learning(RULES)
    other = label(2, False, feedback_id="f-2", supersedes="f-1")
    folded(learning, placed([label(1, True), other]))
    assert (learned(learning).labels, learned(learning).right) == (2, 1)


def test_a_result_holds_so_many_labels_at_most() -> None:
    """The 65th is told and not kept."""
    learning = Learning(RULES)
    labels = [label(1, True, feedback_id=f"f-{n}") for n in range(65)]
    outcomes = folded(learning, placed(labels))
    assert outcomes == [LabelOutcome.TAUGHT] * 64 + [LabelOutcome.TOO_MANY]

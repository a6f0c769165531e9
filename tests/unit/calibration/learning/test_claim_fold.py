"""The fold over labels of claims: one answer, wherever it is cut and whenever it begins again."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from plimsoll.calibration.learning.fold import Learning
from plimsoll.calibration.learning.labels import LabelOutcome
from plimsoll.calibration.learning.places import LabelPlace
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.domain.learned import CertificateState, LearnedScope, ScopeKey
from tests.unit.calibration.learning.claims import ALL_TRUE, FALSE_SHARE, audit
from tests.unit.calibration.learning.values import (
    START,
    Labelled,
    folded,
    in_batches,
    published,
    restarted_with_other_order,
    seen,
)

RULES = LearningRules()
PROMISES = {"claims-0": ALL_TRUE, "claims-1": replace(FALSE_SHARE, error_rate=0.2)}


def stream(count: int, seed: int) -> list[Labelled]:
    """Labels of two filters over three partitions, some of results as well, some sent twice.

    A result keeps its partition. Some labels are not whole, and one filter goes bad in the middle.
    """
    draw = random.Random(seed)
    offsets, labels = [0, 0, 0], list[Labelled]()
    for number in range(count):
        of = draw.randrange(number + 1) if draw.random() < 0.2 else number
        name = f"claims-{int(of % 3 == 0)}"
        truth = 0.55 if number > count // 2 and name == "claims-0" else 0.97
        true = [None if draw.random() < 0.02 else draw.random() < truth for _ in range(4)]
        kept = [draw.random() < 0.7 for _ in range(4)]
        given = audit(of, true, kept, PROMISES[name], name)
        if draw.random() < 0.4:
            given = replace(
                given, label=draw.random() < 0.9, seen=seen(0.55 + 0.44 * draw.random())
            )
        given = replace(given, feedback_id=f"f-{of}-{draw.randrange(3)}")
        place = LabelPlace(START + timedelta(minutes=number), of % 3, offsets[of % 3])
        labels.append((given, place))
        offsets[of % 3] += 1
    return labels


LABELS = stream(400, 5)


@cache
def uninterrupted() -> dict[ScopeKey, LearnedScope]:
    """What is learned of all labels in one go."""
    learning = Learning(RULES)
    folded(learning, LABELS)
    return published(learning)


def test_the_stream_of_these_tests_has_everything_in_it() -> None:
    """A promise that is taken back and one that stands, results, and labels that do not count."""
    found = [scope.claims for scope in uninterrupted().values()]
    states = {one.filter_id: one.state for one in found if one is not None}
    assert states == {
        "claims-0": CertificateState.REVOKED,
        "claims-1": CertificateState.STANDING,
    }
    assert None in found
    outcomes = set(folded(Learning(RULES), LABELS))
    assert {LabelOutcome.INCOMPLETE, LabelOutcome.TAKEN_BACK, LabelOutcome.DOUBLED} <= outcomes


@pytest.mark.parametrize("size", [1, 7, 100])
def test_batches_may_be_cut_anyhow(size: int) -> None:
    """What is published last is the same, and each record goes on from the one before."""
    assert in_batches(RULES, LABELS, size) == uninterrupted()


@pytest.mark.parametrize("at", range(1, 400, 19))
def test_a_restart_at_any_label_changes_nothing(at: int) -> None:
    """State and labels read again give what an uninterrupted run gives, to the last bit."""
    before = Learning(RULES)
    folded(before, LABELS[:at])
    after = Learning(RULES, before.take_changes())
    folded(after, LABELS[:at])
    after.caught_up()
    assert after.take_changes() == ()
    folded(after, LABELS[at:])
    assert published(after) == uninterrupted()


@pytest.mark.parametrize("at", [150, 260])
def test_partitions_may_be_read_again_in_another_order(at: int) -> None:
    """What is known again is a set: partition by partition, the last one first, it is the same."""
    assert restarted_with_other_order(RULES, LABELS, at) == uninterrupted()


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_crash_between_two_scopes_of_a_batch_loses_nothing(lost: int) -> None:
    """Of three scopes one is as it was before the batch: one label may be known there alone."""
    before = Learning(RULES)
    folded(before, LABELS[:150])
    before.take_changes()
    held = dict(before.scopes)
    folded(before, LABELS[150:190])
    held.update((one.key, one) for n, one in enumerate(before.take_changes()) if n != lost)
    after = Learning(RULES, held.values())
    folded(after, LABELS[:190])
    after.caught_up()
    folded(after, LABELS[190:])
    assert published(after) == uninterrupted()


def test_labels_that_came_meanwhile_wait_for_what_is_known() -> None:
    """A new label is not held against a promise before it is known which responses have counted.

    The outcomes of labels of claims alone are told once all is known.
    """
    before = Learning(RULES)
    folded(before, LABELS[:150])
    after = Learning(RULES, before.take_changes())
    new = [one for one in LABELS[150:200] if one[1].partition == 0]
    again = sorted(LABELS[:150], key=lambda one: (one[1].partition, one[1].offset))
    first = [one for one in again if one[1].partition == 0]
    outcomes = folded(after, [*first, *new, *(one for one in again if one[1].partition)])
    assert len(after.caught_up()) == outcomes.count(LabelOutcome.WAITING) > 0
    straight = Learning(RULES)
    folded(straight, [*LABELS[:150], *new])
    assert published(after) == published(straight)

"""The fold over labels: one answer, wherever it is cut and whenever it begins again."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import groupby

import pytest

from plimsoll.calibration.learning import fold as folding
from plimsoll.calibration.learning import scope as scoping
from plimsoll.calibration.learning.fold import Learning
from plimsoll.calibration.learning.labels import LabelOutcome
from plimsoll.calibration.learning.places import LabelPlace
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.domain.feedback import Feedback
from plimsoll.domain.learned import CertificateState, LearnedScope, ScopeKey
from tests.unit.calibration.learning.values import (
    SCOPE,
    START,
    Labelled,
    folded,
    in_batches,
    label,
    learned,
    placed,
    published,
    restarted_with_other_order,
    seen,
)

RULES = LearningRules(good_for=timedelta(hours=2))
CHANGES = {LabelOutcome.TAUGHT, LabelOutcome.CORRECTED, LabelOutcome.RETRACTED}
BASES = ("0" * 16, "1" * 16)


def stream(count: int, seed: int) -> list[Labelled]:
    """Labels of two scopes over three partitions: sent twice, corrected, retracted, gone bad.

    A result keeps its partition. After a third most are wrong; later nothing comes for so long
    that promises lapse.
    """
    draw = random.Random(seed)
    offsets, time = [0, 0, 0], START
    labels: list[Labelled] = []
    for number in range(count):
        truth = 0.3 if count // 3 < number < 4 * count // 9 else 0.96
        of = draw.randrange(number + 1) if draw.random() < 0.15 else number
        given = label(
            of,
            draw.random() < truth,
            0.55 + 0.44 * draw.random(),
            feedback_id=f"f-{of}-{draw.randrange(3)}",
            supersedes=f"f-{of}-{draw.randrange(3)}" if draw.random() < 0.1 else "",
            retracted=draw.random() < 0.05,
            audit=draw.random() < 0.97,
        )
        given = replace(given, seen=seen(0.55 + 0.44 * draw.random(), BASES[of % 7 == 0]))
        time += timedelta(hours=3) if number == 5 * count // 6 else timedelta(minutes=1)
        labels.append((given, LabelPlace(time, of % 3, offsets[of % 3])))
        offsets[of % 3] += 1
    return labels


LABELS = stream(900, 7)


@cache
def uninterrupted() -> dict[ScopeKey, LearnedScope]:
    """What is learned of all labels in one go."""
    learning = Learning(RULES)
    folded(learning, LABELS)
    return published(learning)


def test_the_stream_of_these_tests_has_everything_in_it() -> None:
    """A calibration that is withdrawn, and certificates revoked, lapsed and made anew."""
    learning, calibrated = Learning(RULES), []
    key = ScopeKey(SCOPE.tenant, SCOPE.task_kind, BASES[0])
    for given, place in LABELS:
        learning.fold(given, place)
        learning.take_changes()
        if key in learning.scopes:
            calibrated.append(learning.scopes[key].calibration is not None)
    assert [one for one, _ in groupby(calibrated)][:3] == [False, True, False]
    states = [made.state(LABELS[-1][1].time) for made in learning.scopes[key].certificates]
    assert set(states) == {
        CertificateState.REVOKED,
        CertificateState.LAPSED,
        CertificateState.STANDING,
    }


@pytest.mark.parametrize("size", [1, 7, 100])
def test_batches_may_be_cut_anyhow(size: int) -> None:
    """What is published last is the same, and each record goes on from the one before."""
    assert in_batches(RULES, LABELS, size) == uninterrupted()


@pytest.mark.parametrize("at", [*range(40, 70, 3), *range(330, 890, 35)])
def test_a_restart_at_any_label_changes_nothing(at: int) -> None:
    """State and labels read again give what an uninterrupted run gives, to the last bit."""
    before = Learning(RULES)
    folded(before, LABELS[:at])
    after = Learning(RULES, before.take_changes())
    outcomes = folded(after, LABELS[:at])
    assert CHANGES.isdisjoint(outcomes)
    assert CHANGES.isdisjoint(after.caught_up())
    assert after.take_changes() == ()
    folded(after, LABELS[at:])
    assert published(after) == uninterrupted()


def test_partitions_may_be_read_again_in_another_order() -> None:
    """What is known again is a set: partition by partition or mixed, it is the same."""
    assert restarted_with_other_order(RULES, LABELS, 250) == uninterrupted()


def test_labels_that_came_meanwhile_wait_for_what_is_known() -> None:
    """A partition with new labels that is read before the others does not get ahead of them."""
    before = Learning(RULES)
    folded(before, LABELS[:250])
    after = Learning(RULES, before.take_changes())
    new = [one for one in LABELS[250:330] if one[1].partition == 0]
    again = sorted(LABELS[:250], key=lambda one: (one[1].partition, one[1].offset))
    first = [one for one in again if one[1].partition == 0]
    outcomes = folded(after, [*first, *new, *(one for one in again if one[1].partition)])
    assert LabelOutcome.WAITING in outcomes
    assert len(after.caught_up()) == outcomes.count(LabelOutcome.WAITING)
    straight = Learning(RULES)
    folded(straight, [*LABELS[:250], *new])
    assert published(after) == published(straight)


def test_a_crash_between_two_scopes_of_a_batch_loses_nothing() -> None:
    """One scope was published at the end of a batch, the other before it: both end right."""
    before = Learning(RULES)
    folded(before, LABELS[:200])
    before.take_changes()
    held = dict(before.scopes)
    folded(before, LABELS[200:260])
    first, _ = before.take_changes()
    held[first.key] = first
    after = Learning(RULES, held.values())
    folded(after, LABELS[:260])
    after.caught_up()
    folded(after, LABELS[260:])
    assert published(after) == uninterrupted()


def test_what_changed_is_taken_once_and_in_order() -> None:
    """By key, and only scopes that a label has changed."""
    learning = Learning(RULES)
    given = [replace(label(n, True), seen=seen(0.9, basis)) for n, basis in enumerate(BASES[::-1])]
    folded(learning, placed(given))
    assert [scope.key.basis for scope in learning.take_changes()] == list(BASES)
    assert learning.take_changes() == ()
    folded(learning, placed([*given, label(9, True, audit=False)])[2:])
    assert learning.take_changes() == ()


def test_a_scope_holds_so_many_results_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest is forgotten: its counts go, and so does what is kept of it."""
    monkeypatch.setattr(scoping, "MOST_RESULTS", 3)
    learning = Learning(RULES)
    grades: list[Feedback] = [label(number, number > 1) for number in range(4)]
    folded(learning, placed(grades))
    assert (learned(learning).labels, learned(learning).right) == (3, 2)


def test_there_are_so_many_scopes_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """A label of one scope more is told and not kept; those that are there go on."""
    monkeypatch.setattr(folding, "MOST_SCOPES", 1)
    learning = Learning(RULES)
    other = replace(label(2, True), seen=seen(0.9, "f" * 16))
    outcomes = folded(learning, placed([label(1, True), other, label(3, True)]))
    assert outcomes == [LabelOutcome.TAUGHT, LabelOutcome.TOO_MANY, LabelOutcome.TAUGHT]


def test_a_calibration_is_fitted_at_fifty_and_each_time_labels_have_grown_by_a_fifth() -> None:
    """50, 60, 72, 87 labels, ten of the rarer kind; one that is fitted says on how many."""
    learning, fitted = Learning(RULES), []
    for given, place in placed([label(n, n % 4 != 0) for n in range(90)]):
        learning.fold(given, place)
        calibration = learned(learning).calibration
        if calibration is not None and calibration.labels not in fitted:
            fitted.append(calibration.labels)
    assert fitted == [50, 60, 72, 87]


def test_without_ten_of_the_rarer_kind_nothing_is_fitted() -> None:
    """200 labels with 9 wrong ones say too little of wrong ones."""
    learning = Learning(RULES)
    folded(learning, placed([label(n, n >= 9) for n in range(200)]))
    assert learned(learning).calibration is None


def test_a_calibration_that_no_longer_holds_is_withdrawn() -> None:
    """300 labels, a quarter wrong; then all are wrong: the prior stands, and learning is anew."""
    labels = placed([label(n, n % 4 != 0 and n < 300) for n in range(330)])
    learning = Learning(RULES)
    folded(learning, labels)
    assert learned(learning).calibration is None
    assert learned(learning).labels == 330
    withdrawn = learned(learning).withdrawn
    assert withdrawn is not None
    assert withdrawn.fit_time < withdrawn.withdraw_time
    assert labels[300][1].time < withdrawn.withdraw_time < labels[329][1].time
    assert re.fullmatch(
        r"of 2\d\d results labelled since the first fit, the latest were right less often than was "
        r"said, by 0\.[1-9]\d on average",
        withdrawn.reason,
    )

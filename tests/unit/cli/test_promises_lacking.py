"""What `plimsoll promises` says where there is no calibration or no promise yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from rich.console import Console

from plimsoll.calibration.learning.fold import Learning
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.cli.promises_lacking import (
    CalibrationLack,
    PromiseLack,
    calibration_lack,
    calibration_text,
    promise_lacks,
    promise_texts,
)
from plimsoll.cli.promises_text import print_learned
from plimsoll.domain.learned import LearnedScope
from plimsoll.domain.learning import (
    CalibrationProgress,
    LearningState,
    PromiseProgress,
    PromiseWatch,
)
from tests.support.learned import FITTED, ISSUED, certificate, learned
from tests.unit.calibration.learning.values import folded, label, placed

RATES = (0.05, 0.1, 0.2)
NOW = ISSUED + timedelta(days=1)


def of(labels: int, right: int, *promises: PromiseProgress) -> LearnedScope:
    """A scope with so many labels and no certificate."""
    calibration = CalibrationProgress(labels=labels, right=right)
    state = LearningState(calibration=calibration, promises=promises)
    return replace(learned(), labels=labels, right=right, state=state)


def calibration_said(scope: LearnedScope) -> str:
    """What people read of a scope without one."""
    lack = calibration_lack(scope)
    assert lack is not None
    return calibration_text(lack)


def promises_said(scope: LearnedScope, rates: Sequence[float] = RATES) -> list[str]:
    """What people read of promises that do not stand."""
    return promise_texts(promise_lacks(scope, NOW, rates))


@pytest.mark.parametrize(
    ("labels", "right", "said"),
    [
        (58, 7, "it takes 3 more of the rarer class"),
        (58, 51, "it takes 3 more of the rarer class"),
        (40, 20, "it takes 10 more labelled results"),
        (40, 38, "it takes 10 more labelled results and 8 more of the rarer class"),
        (50, 10, "it comes with the next label"),
    ],
)
def test_it_says_what_a_calibration_lacks(labels: int, right: int, said: str) -> None:
    """More labels, more of the rarer class, or both; a correction alone fits nothing."""
    assert calibration_said(of(labels, right)) == f"no calibration: {said}"


def test_after_drift_only_later_labels_count() -> None:
    """Those of the whole scope say nothing of what is lacking then."""
    since = CalibrationProgress(epoch={0: 9}, labels=12, right=10)
    scope = replace(of(400, 300), state=LearningState(calibration=since))
    assert calibration_lack(scope) == CalibrationLack(labels=38, of_rarer_class=8)


def test_labels_of_a_scope_that_an_earlier_release_wrote_are_there() -> None:
    """Its progress counts none; where nothing has begun anew they are those of the scope."""
    begun = LearningState(promises=(PromiseProgress(0.05),))
    scope = replace(learned(), labels=45, right=38, state=begun)
    assert calibration_lack(scope) == CalibrationLack(labels=5, of_rarer_class=3)
    assert promise_lacks(scope, NOW, [0.05]) == [PromiseLack(0.05, 45, 50, anew=False)]


def test_it_says_when_a_promise_is_tried_next() -> None:
    """Rates that are tried at the same number of labels share a line; a new one has them all."""
    begun = [PromiseProgress(0.05, attempts=1, labels=58), PromiseProgress(0.1, labels=58)]
    assert promises_said(of(58, 51, *begun)) == [
        "no promise of 0.05: next attempt at 100 labels",
        "no promise of 0.1, 0.2: tried with the next label",
    ]


def test_what_stands_lacks_nothing_and_what_ended_begins_anew() -> None:
    """So does one that ran out before a label has come to say so; rates of nobody are left out."""
    watched = PromiseProgress(0.1, {0: 3}, 2, PromiseWatch(), 70)
    promises = (PromiseProgress(0.01), watched, PromiseProgress(0.2, {0: 3}, 1, labels=64))
    certificates = (
        certificate("stands"),
        certificate("old", 0.1, valid_until=ISSUED),
        certificate("gone", 0.2, revoked=ISSUED),
    )
    scope = replace(learned(*certificates), state=LearningState(promises=promises))
    assert promise_lacks(scope, NOW, RATES) == [
        PromiseLack(0.1, labels=0, next_attempt_at=50, anew=True),
        PromiseLack(0.2, labels=64, next_attempt_at=100, anew=True),
    ]
    assert promises_said(scope) == [
        "no promise of 0.1: begun anew, next attempt at 50 labels, 0 of them there",
        "no promise of 0.2: begun anew, next attempt at 100 labels, 64 of them there",
    ]


def test_it_ends_where_no_more_labels_count() -> None:
    """Beyond the latest 20,000 results there is nothing to try on."""
    scope = of(20_000, 15_000, PromiseProgress(0.05, attempts=9, labels=20_000))
    (said,) = promises_said(scope, [0.05])
    assert said.endswith("no further attempt, since the latest 20000 labelled results count")


def test_what_is_said_comes_true() -> None:
    """So many more labels as are said to lack bring the calibration, and one fewer does not."""
    placed_labels = placed(label(number, number >= 10) for number in range(50))
    learning = Learning(LearningRules())
    folded(learning, placed_labels[:49])
    (before,) = learning.take_changes()
    assert before.calibration is None
    assert calibration_said(before) == "no calibration: it takes 1 more labelled results"
    assert promises_said(before, [0.05]) == ["no promise of 0.05: next attempt at 50 labels"]
    folded(learning, placed_labels[49:])
    (after,) = learning.take_changes()
    assert calibration_lack(after) is None
    assert promises_said(after, [0.05]) == ["no promise of 0.05: next attempt at 100 labels"]


def test_what_is_said_after_a_drift_comes_true() -> None:
    """A calibration is withdrawn; the labels that are said to lack from there bring the next."""
    labels = placed(label(n, n % 4 != 0 and (n < 300 or n > 330)) for n in range(500))
    learning, said = Learning(LearningRules()), list[str]()
    for given in labels:
        folded(learning, [given])
        for scope in learning.take_changes():
            if scope.withdrawn is not None:
                lack = calibration_lack(scope)
                said.append("calibrated" if lack is None else calibration_text(lack))
    calibrated = said.index("calibrated")
    assert said[calibrated - 1] == "no calibration: it takes 1 more labelled results"
    assert said[0] == (
        "no calibration: it takes 50 more labelled results and 10 more of the rarer class"
    )


def test_people_are_told_below_the_scope() -> None:
    """And where nothing was learned, by which command to begin."""

    def text_of(*scopes: LearnedScope) -> str:
        written = StringIO()
        console = Console(file=written, width=200, color_system=None)
        print_learned(scopes, NOW, console, RATES)
        return " ".join(written.getvalue().split())

    assert "58 labelled results, 7 right; no calibration: it takes 3 more" in text_of(of(58, 7))
    assert "no promise of 0.1, 0.2: " in text_of(
        replace(learned(certificate("stands"), calibration=FITTED))
    )
    assert "nothing was learned yet: draw results by `plimsoll audit`" in text_of()

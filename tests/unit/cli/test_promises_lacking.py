"""What `plimsoll promises` says where there is no calibration or no promise yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from rich.console import Console

from plimsoll.calibration.learning.fold import Learning
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.cli.promises_lacking import no_calibration, no_promises
from plimsoll.cli.promises_text import print_learned
from plimsoll.domain.learned import CertificateState, LearnedScope
from plimsoll.domain.learning import (
    CalibrationProgress,
    LearningState,
    PromiseProgress,
    PromiseWatch,
)
from tests.support.learned import FITTED, ISSUED, certificate, learned
from tests.unit.calibration.learning.values import folded, label, placed

RATES = (0.05, 0.1, 0.2)
STANDING, LAPSED = CertificateState.STANDING, CertificateState.LAPSED


def of(labels: int, right: int, state: LearningState | None = None) -> LearnedScope:
    """A scope with so many labels and no certificate."""
    return replace(learned(), labels=labels, right=right, state=state or LearningState())


def promising(*promises: PromiseProgress) -> LearningState:
    """A state with these."""
    return LearningState(promises=promises)


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
    assert no_calibration(of(labels, right)) == f"no calibration: {said}"


def test_after_drift_only_later_labels_count() -> None:
    """Those of the whole scope say nothing of what is lacking then."""
    state = LearningState(calibration=CalibrationProgress(epoch={0: 9}, labels_since_fit=12))
    said = no_calibration(of(400, 300, state))
    assert said.endswith("it takes 50 labels from then on, 10 of the rarer class, and 12 came")


def test_it_says_when_a_promise_is_tried_next() -> None:
    """Rates that are tried at the same number of labels share a line."""
    scope = of(58, 51, promising(PromiseProgress(0.05, attempts=1), PromiseProgress(0.1)))
    assert no_promises(scope, [], RATES) == [
        "no promise of 0.05: next attempt at 100 labels",
        "no promise of 0.1, 0.2: tried with the next label",
    ]


def test_what_stands_lacks_nothing_and_what_ended_begins_anew() -> None:
    """So does one that ran out before a label has come to say so; rates of nobody are left out."""
    watched = PromiseProgress(0.1, {0: 3}, 2, PromiseWatch())
    state = promising(PromiseProgress(0.01), watched, PromiseProgress(0.2, {0: 3}, 1))
    certificates = (certificate("stands"), certificate("gone", 0.1), certificate("old", 0.2))
    scope = replace(learned(*certificates), state=state)
    assert no_promises(scope, [STANDING, LAPSED, CertificateState.REVOKED], RATES) == [
        "no promise of 0.1: next attempt at 50 labels from now on",
        "no promise of 0.2: begun anew, next attempt at 100 labels from then on",
    ]


def test_it_ends_where_no_more_labels_count() -> None:
    """Beyond the latest 20,000 results there is nothing to try on."""
    scope = of(20_000, 15_000, promising(PromiseProgress(0.05, attempts=9)))
    (said,) = no_promises(scope, [], [0.05])
    assert said.endswith("no further attempt, since the latest 20000 labelled results count")


def test_what_is_said_comes_true() -> None:
    """So many more labels as are said to lack bring the calibration, and one fewer does not."""
    placed_labels = placed(label(number, number >= 10) for number in range(50))
    learning = Learning(LearningRules())
    folded(learning, placed_labels[:49])
    (before,) = learning.take_changes()
    assert before.calibration is None
    assert no_calibration(before) == "no calibration: it takes 1 more labelled results"
    assert no_promises(before, [], [0.05]) == ["no promise of 0.05: next attempt at 50 labels"]
    folded(learning, placed_labels[49:])
    (after,) = learning.take_changes()
    assert after.calibration is not None
    assert no_promises(after, [], [0.05]) == ["no promise of 0.05: next attempt at 100 labels"]


def test_people_are_told_below_the_scope() -> None:
    """And where nothing was learned, by which command to begin."""

    def text_of(*scopes: LearnedScope) -> str:
        written = StringIO()
        console = Console(file=written, width=200, color_system=None)
        print_learned(scopes, ISSUED + timedelta(days=1), console, RATES)
        return " ".join(written.getvalue().split())

    assert "58 labelled results, 7 right; no calibration: it takes 3 more" in text_of(of(58, 7))
    assert "no promise of 0.1, 0.2: " in text_of(
        replace(learned(certificate("stands"), calibration=FITTED))
    )
    assert "nothing was learned yet: draw results by `plimsoll audit`" in text_of()

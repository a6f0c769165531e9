"""What people and programs read of what was learned: calibrations, promises, how they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from io import StringIO

from rich.console import Console

from plimsoll.calibration.learning.standing import standing
from plimsoll.cli.promises import broken, latest
from plimsoll.cli.promises_text import learned_json, print_learned
from plimsoll.domain.learned import LearnedScope, Withdrawal
from plimsoll.domain.learning import CalibrationProgress, LearningState, PromiseProgress
from tests.support.learned import FITTED, ISSUED, KEY, certificate, learned

NOW = ISSUED + timedelta(days=1)
GONE = certificate("gone", revoked=ISSUED)
STANDS = certificate("stands")
WITHDRAWN = Withdrawal("calibrated-old", 100, ISSUED, ISSUED, "results drifted away")
LAPSED = certificate("lapsed", error_rate=0.1, valid_until=ISSUED)


def text_of(*scopes: LearnedScope, rates: Sequence[float] = ()) -> str:
    """What is printed."""
    console = Console(file=StringIO(), width=200, color_system=None)
    print_learned(scopes, NOW, console, rates)
    assert isinstance(console.file, StringIO)
    return " ".join(console.file.getvalue().split())


def test_the_last_certificate_of_a_rate_counts() -> None:
    """One that stands makes good for one that was taken back; one that lapsed does not."""
    scope = learned(GONE, STANDS, LAPSED)
    assert list(latest(scope)) == [STANDS, LAPSED]
    assert broken([scope], NOW) == [LAPSED]
    assert broken([learned(GONE, STANDS)], NOW) == []
    assert broken([learned(GONE)], NOW) == [GONE]


def test_a_scope_says_on_what_it_rests() -> None:
    """Labels, what was fitted on them, its ID in scores, and each promise with its evidence."""
    said = text_of(learned(STANDS, calibration=FITTED))
    assert "default/open_qa/0123456789abcdef: 100 labelled results, 80 right" in said
    stands = standing(learned(STANDS, calibration=FITTED), NOW)
    assert stands is not None
    assert f"calibrated on 100 of them on 2020-01-01 ({stands.calibration_id})" in said
    assert "certificate-stands 0.05 0.5 1 of 60 60% standing until 2047-05-19" in said


def test_promises_stand_below_their_scope() -> None:
    """Of two scopes with the same error rate it can be told whose promise stands."""
    other = replace(KEY, tenant="other")
    said = text_of(learned(GONE), learned(STANDS, key=other))
    places = [said.index(one) for one in (str(KEY), GONE.certificate_id, str(other))]
    assert places == sorted(places)
    assert said.index(STANDS.certificate_id) > places[-1]


def test_a_promise_that_was_taken_back_says_why() -> None:
    """When, and what labels said; without a calibration that is said, too."""
    said = text_of(learned(GONE, LAPSED))
    assert "no calibration" in said
    assert "revoked 2020-01-01 00:00" in said
    assert "certificate-gone: 3 of 5 were wrong" in said
    assert "certificate-lapsed 0.1 0.5 1 of 60 60% lapsed" in said


def test_a_program_is_told_of_every_certificate() -> None:
    """Those that were replaced are there, with their state and why they ended."""
    found = learned_json(learned(GONE, STANDS, calibration=FITTED), NOW, ())
    certificates, calibration = found["certificates"], found["calibration"]
    assert isinstance(certificates, list)
    assert isinstance(calibration, dict)
    first, second = certificates
    assert (first["state"], first["why"]) == ("revoked", "3 of 5 were wrong")
    assert (second["state"], second["error_rate"], second["labels"]) == ("standing", 0.05, 60)
    assert calibration["calibration_id"] == "calibrated-a"
    assert not {"calibration", "calibration_id"} & set(learned_json(learned(), NOW, ()))


def test_a_calibration_that_was_withdrawn_says_when_and_why() -> None:
    """To people and to programs; where another was fitted since, that is said, too."""
    for fitted in (None, FITTED):
        state = LearningState(calibration=CalibrationProgress(epoch={0: 9}))
        scope = replace(learned(calibration=fitted), withdrawn=WITHDRAWN, state=state)
        said = text_of(scope)
        assert ("no calibration: it takes" in said) is (fitted is None)
        assert (
            "a calibration on 100 labels, fitted on 2020-01-01, was withdrawn 2020-01-01 00:00: "
            "results drifted away (only later labels count)"
        ) in said
        assert learned_json(scope, NOW, ())["withdrawn"] == {
            "calibration_id": "calibrated-old",
            "labels": 100,
            "fit_time": ISSUED.isoformat(),
            "withdraw_time": ISSUED.isoformat(),
            "why": "results drifted away",
        }
    assert "withdrawn" not in learned_json(learned(), NOW, ())


def test_a_program_is_told_what_lacks_as_people_are() -> None:
    """How many labels, for the calibration and for each promise; nothing where all stands."""
    counted = CalibrationProgress(labels=45, right=40)
    state = LearningState(calibration=counted, promises=(PromiseProgress(0.05, labels=45),))
    scope = replace(learned(), labels=45, right=40, state=state)
    assert learned_json(scope, NOW, (0.05,))["lacking"] == {
        "calibration": {"labels": 5, "of_rarer_class": 5},
        "promises": [{"error_rate": 0.05, "labels": 45, "next_attempt_at": 50, "anew": False}],
    }
    said = text_of(scope, rates=(0.05,))
    assert "it takes 5 more labelled results and 5 more of the rarer class" in said
    assert "no promise of 0.05: next attempt at 50 labels" in said
    all_there = learned(STANDS, calibration=FITTED)
    assert learned_json(all_there, NOW, (0.05,))["lacking"] == {
        "calibration": None,
        "promises": [],
    }

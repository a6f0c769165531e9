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
from plimsoll.domain.learned import LearnedScope
from tests.support.learned import FITTED, ISSUED, KEY, certificate, learned

NOW = ISSUED + timedelta(days=1)
GONE = certificate("gone", revoked=ISSUED)
STANDS = certificate("stands")
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
    found = learned_json(learned(GONE, STANDS, calibration=FITTED), NOW)
    certificates, calibration = found["certificates"], found["calibration"]
    assert isinstance(certificates, list)
    assert isinstance(calibration, dict)
    first, second = certificates
    assert (first["state"], first["why"]) == ("revoked", "3 of 5 were wrong")
    assert (second["state"], second["error_rate"], second["labels"]) == ("standing", 0.05, 60)
    assert calibration["calibration_id"] == "calibrated-a"
    assert not {"calibration", "calibration_id"} & set(learned_json(learned(), NOW))

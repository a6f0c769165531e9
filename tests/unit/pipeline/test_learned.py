"""The table of what was learned: the last record of a scope counts, and time is looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from plimsoll.domain.confidence import Promise
from plimsoll.domain.learned import CertificateState, ScopeKey
from plimsoll.domain.record import Record
from plimsoll.domain.result import TaskKind
from plimsoll.pipeline.learned import LearnedTable
from plimsoll.ports.telemetry import CALIBRATIONS_READ
from tests.support.counting_telemetry import Figures
from tests.support.fake_clock import FakeClock
from tests.support.learned import (
    FITTED,
    ISSUED,
    KEY,
    certificate,
    learned,
    learned_claims,
    records,
    watched_claims,
)

SOON_S = 60.0


@pytest.fixture
def clock() -> FakeClock:
    """It stands still."""
    return FakeClock()


@pytest.fixture
def table(clock: FakeClock) -> LearnedTable:
    """A table that was filled with nothing."""
    made = LearnedTable(clock, Figures())
    made.replace(())
    return made


def promised(table: LearnedTable, point: float = 0.9, key: ScopeKey = KEY) -> list[str]:
    """Certificates of what is promised of a result with this point."""
    found = table.standing(key)
    return [] if found is None else [promise.certificate for promise in found.promises(point)]


def test_nothing_learned_is_nothing_found(table: LearnedTable) -> None:
    """The prior speaks alone, and no certificate is known."""
    assert table.standing(KEY) is None
    assert table.state("certificate-a") is CertificateState.UNKNOWN


def test_that_there_is_none_is_known_only_where_the_topic_is_read(table: LearnedTable) -> None:
    """Else somebody may name one that was made meanwhile."""
    known = [table.none]
    table.lose()
    known.append(table.none)
    table.replace(records([learned(certificate("a"))]))
    known.append(table.none)
    assert known == [True, False, False]


def test_a_promise_about_claims_is_unwatched_until_a_label_has_come(table: LearnedTable) -> None:
    """Then as its record says, until that goes; where the topic cannot be read nobody can tell."""
    name = watched_claims().certificate_id
    states = [table.state(name)]
    for revoked in (None, ISSUED):
        table.take(records([learned_claims(watched_claims(revoked))]))
        states.append(table.state(name))
    key = learned_claims(watched_claims()).key.encode()
    table.take([Record("calibrations", 0, 9, 0, key, None, ())])
    states.append(table.state(name))
    table.lose()
    assert [*states, table.state(name)] == [
        CertificateState.UNWATCHED,
        CertificateState.STANDING,
        CertificateState.REVOKED,
        CertificateState.UNWATCHED,
        CertificateState.UNKNOWN,
    ]


def test_the_last_record_of_a_scope_counts(table: LearnedTable) -> None:
    """A revocation is seen with the record that says so; other scopes are not touched."""
    other = ScopeKey("default", TaskKind.CODE, KEY.basis)
    table.replace(
        records([learned(certificate("a")), learned(certificate("b"), key=other)]),
    )
    assert promised(table) == ["certificate-a"]
    assert table.state("certificate-a") is CertificateState.STANDING
    table.take(records([learned(certificate("a", revoked=ISSUED))], first=2))
    assert promised(table) == []
    assert table.state("certificate-a") is CertificateState.REVOKED
    assert promised(table, key=other) == ["certificate-b"]


def test_a_scope_is_its_tenant_task_and_basis(table: LearnedTable) -> None:
    """What was learned on one stream of points is applied to no other."""
    table.replace(records([learned(certificate("a"), calibration=FITTED)]))
    others = (
        replace(KEY, tenant="other"),
        replace(KEY, task_kind=TaskKind.CODE),
        replace(KEY, basis="fedcba9876543210"),
    )
    assert [table.standing(key) for key in others] == [None, None, None]


def test_a_point_below_the_threshold_is_not_covered(table: LearnedTable) -> None:
    """At the threshold it is."""
    table.replace(records([learned(certificate("a", threshold=0.8))]))
    found = table.standing(KEY)
    assert found is not None
    assert found.promises(0.8) == (Promise(0.05, "certificate-a"),)
    assert found.promises(0.79) == ()


def test_a_certificate_lapses_without_a_record(table: LearnedTable, clock: FakeClock) -> None:
    """Time alone ends it, for scorers and look-ups alike, and the name of what stands changes."""
    lapsing = learned(
        certificate("a", valid_until=clock.now() + timedelta(seconds=SOON_S)), calibration=FITTED
    )
    table.replace(records([lapsing]))
    before = table.standing(KEY)
    assert before is not None
    assert promised(table) == ["certificate-a"]
    clock.seconds += SOON_S
    after = table.standing(KEY)
    assert after is not None
    assert after.calibration == FITTED
    assert promised(table) == []
    assert after.calibration_id != before.calibration_id
    assert table.state("certificate-a") is CertificateState.LAPSED


def test_while_the_topic_cannot_be_read_nothing_is_promised(clock: FakeClock) -> None:
    """Nobody can tell whether a promise was taken back meanwhile; what was fitted stands."""
    figures = Figures()
    table = LearnedTable(clock, figures)
    table.replace(records([learned(certificate("a"), calibration=FITTED)]))
    assert figures.totals[CALIBRATIONS_READ.name,] == 1
    table.lose()
    assert promised(table) == []
    found = table.standing(KEY)
    assert found is not None
    assert found.calibration == FITTED
    assert table.state("certificate-a") is CertificateState.UNKNOWN
    assert figures.totals[CALIBRATIONS_READ.name,] == 0
    table.replace(records([learned(certificate("a"), calibration=FITTED)]))
    assert promised(table) == ["certificate-a"]


def test_a_topic_read_anew_is_all_there_is(table: LearnedTable) -> None:
    """What is not on it any more stands no more; a tombstone takes a scope away, too."""
    table.replace(records([learned(certificate("a"))]))
    table.replace(())
    assert table.standing(KEY) is None
    table.replace(records([learned(certificate("a"))]))
    table.take([Record("calibrations", 0, 1, 0, KEY.encode(), None, ())])
    assert table.standing(KEY) is None
    assert table.state("certificate-a") is CertificateState.UNKNOWN


def test_what_is_unreadable_is_passed_over(table: LearnedTable) -> None:
    """The scope keeps what was said of it last."""
    table.replace(records([learned(certificate("a"))]))
    table.take([Record("calibrations", 0, 1, 0, KEY.encode(), b"\xff", ())])
    assert promised(table) == ["certificate-a"]

"""What was learned, as records of its topic."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.learned import (
    Certificate,
    LearnedCalibration,
    LearnedScope,
    ScopeKey,
    Withdrawal,
)
from plimsoll.domain.learning import (
    Bets,
    CalibrationProgress,
    LearningState,
    PromiseProgress,
    PromiseWatch,
)
from plimsoll.domain.result import TaskKind
from plimsoll.v1 import calibration_pb2
from plimsoll.wire.learned import decode_learned, encode_learned
from tests.support.learned import FITTED as OF_OLD
from tests.support.learned import certificate, learned, learned_claims, watched_claims

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
CERTIFICATE = Certificate(
    certificate_id="promise-1",
    error_rate=0.1,
    failure=0.1,
    threshold=0.93,
    labels=60,
    errors=1,
    bound=0.09,
    coverage=0.6,
    issue_time=NOW,
    valid_until=NOW + timedelta(days=30),
)
FITTED = LearnedCalibration("calibrated-1", 0.1 + 0.2, 0.8, 0.04, -0.01, 0.02, 96, 78, NOW)
LEARNED = LearnedScope(
    key=ScopeKey("acme", TaskKind.OPEN_QA, "0123456789abcdef"),
    labels=100,
    right=81,
    calibration=FITTED,
    certificates=(
        replace(CERTIFICATE, revoke_time=NOW, revoke_reason="3 of 5 were wrong"),
        replace(CERTIFICATE, certificate_id="promise-2"),
    ),
    state=LearningState(
        cursor={0: 7, 3: 1},
        calibration=CalibrationProgress({0: 2}, 4, 9, Bets(-0.25, 3.0, 0.125, 0.5), 80, 61),
        promises=(
            PromiseProgress(0.05, {}, 2, labels=100),
            PromiseProgress(0.1, {0: 5, 1: 1}, 1, PromiseWatch(Bets(0.5, 2.9, 1.0, 1.0), 3, 1)),
            PromiseProgress(0.2, {}, 1, PromiseWatch()),
        ),
    ),
    update_time=NOW,
    withdrawn=Withdrawal("calibrated-0", 90, NOW - timedelta(days=2), NOW, "drifted"),
)

# As it was written before promises about claims were watched.
OLD = (
    "0a0764656661756c7410011a10303132333435363738396162636465662064285032470a0c63616c696272617465"
    "642d6111000000000000e0bf19cdccccccccccec3f217b14ae47e17aa43f297b14ae47e17a84bf317b14ae47e17a"
    "943f386440504a060880c2aff0053a500a0d63657274696669636174652d61119a9999999999a93f199a99999999"
    "99b93f21000000000000e03f283c3001397b14ae47e17aa43f41333333333333e33f4a060880c2aff00552060880"
    "f2ad8c09420412021a004a060880c2aff005"
)


def test_records_of_older_releases_are_read_and_written_as_before() -> None:
    """What says nothing of claims has the bytes that it always had."""
    of_old = learned(certificate("a"), calibration=OF_OLD)
    assert decode_learned(bytes.fromhex(OLD)) == of_old
    assert (encode_learned(of_old, "t").value or b"").hex() == OLD


@pytest.mark.parametrize("revoked", [None, NOW])
def test_a_watched_promise_about_claims_comes_back(revoked: datetime | None) -> None:
    """To the last bit, whether it stands or not."""
    scope = learned_claims(watched_claims(revoked))
    assert decode_learned(encode_learned(scope, "t").value or b"") == scope


@pytest.mark.parametrize("spoilt", ["promise.error_rate", "failure", "promise.guarantee"])
def test_a_promise_about_claims_that_promises_nothing_is_none(spoilt: str) -> None:
    """Without a rate, a level or a guarantee that is known here the record cannot be read."""
    value = encode_learned(learned_claims(watched_claims()), "t").value or b""
    message = calibration_pb2.LearnedScope.FromString(value)
    *path, name = spoilt.split(".")
    (message.claims.promise if path else message.claims).ClearField(name)  # type: ignore[arg-type] # one of its names
    with pytest.raises(PoisonError, match="promises nothing"):
        decode_learned(message.SerializeToString())


def test_what_was_learned_comes_back() -> None:
    """Everything does, to the last bit; a watch that has seen nothing is no missing watch."""
    out = encode_learned(LEARNED, "llm.calibrations.v1")
    assert decode_learned(out.value or b"") == LEARNED
    assert (out.topic, out.key) == ("llm.calibrations.v1", b"acme/open_qa/0123456789abcdef")


def test_a_scope_without_anything_learned_comes_back() -> None:
    """No calibration and no certificate are nothing made up."""
    bare = replace(
        LEARNED, calibration=None, certificates=(), state=LearningState(), withdrawn=None
    )
    assert decode_learned(encode_learned(bare, "t").value or b"") == bare


def test_the_order_of_offsets_decides_no_byte() -> None:
    """The same value gives the same bytes."""
    turned = replace(LEARNED, state=replace(LEARNED.state, cursor={3: 1, 0: 7}))
    assert encode_learned(turned, "t") == encode_learned(LEARNED, "t")


@pytest.mark.parametrize(
    "value",
    [
        b"\xff\xff",
        b"",
        calibration_pb2.LearnedScope(tenant="acme").SerializeToString(),
        calibration_pb2.LearnedScope(tenant="A", basis="b").SerializeToString(),
    ],
)
def test_what_is_no_scope_is_poison(value: bytes) -> None:
    """A scope names its tenant and its basis."""
    with pytest.raises(PoisonError, match="not a LearnedScope"):
        decode_learned(value)


@pytest.mark.parametrize(
    "bent",
    [
        replace(LEARNED, calibration=replace(FITTED, slope=-0.8)),
        replace(LEARNED, calibration=replace(FITTED, intercept=float("nan"))),
        replace(LEARNED, certificates=(replace(CERTIFICATE, threshold=0.0),)),
        replace(LEARNED, certificates=(replace(CERTIFICATE, error_rate=float("nan")),)),
    ],
)
def test_numbers_that_nothing_can_have_learned_are_poison(bent: LearnedScope) -> None:
    """A map that falls would turn the order of results, and a threshold of 0 promise everything."""
    with pytest.raises(PoisonError, match="not a LearnedScope"):
        decode_learned(encode_learned(bent, "t").value or b"")

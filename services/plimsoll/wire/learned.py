"""What was learned of a scope as a record of its topic."""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf.message import DecodeError

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import tenant_problem
from plimsoll.domain.learned import LearnedScope, ScopeKey
from plimsoll.domain.learning import (
    Bets,
    CalibrationProgress,
    LearningState,
    PromiseProgress,
    PromiseWatch,
)
from plimsoll.domain.record import OutRecord
from plimsoll.v1 import calibration_pb2
from plimsoll.wire.certificates import (
    calibration_from_proto,
    certificate_from_proto,
    write_calibration,
    write_certificate,
)
from plimsoll.wire.enums import TASK_KIND
from plimsoll.wire.headers import LEARNED_TYPE, event_headers
from plimsoll.wire.times import set_timestamp, to_datetime


def encode_learned(learned: LearnedScope, topic: str) -> OutRecord:
    """The record of a scope; the same value gives the same bytes."""
    message = calibration_pb2.LearnedScope(
        tenant=learned.key.tenant,
        task_kind=TASK_KIND.numbers[learned.key.task_kind],  # type: ignore[arg-type] # a number is one
        basis=learned.key.basis,
        labels=learned.labels,
        right=learned.right,
    )
    if learned.calibration is not None:
        write_calibration(message.calibration, learned.calibration)
    for certificate in learned.certificates:
        write_certificate(message.certificates.add(), certificate)
    _write_state(message.state, learned.state)
    set_timestamp(message.update_time, learned.update_time)
    value = message.SerializeToString(deterministic=True)
    headers = event_headers(LEARNED_TYPE, str(learned.key), "plimsoll/observer")
    return OutRecord(topic, learned.key.encode(), value, headers)


def decode_learned(value: bytes) -> LearnedScope:
    """Reads what was learned; PoisonError where the bytes are none."""
    try:
        return _learned(calibration_pb2.LearnedScope.FromString(value))
    except (DecodeError, ValueError) as error:
        raise PoisonError("undecodable", f"not a LearnedScope: {error}") from error


def _learned(message: calibration_pb2.LearnedScope) -> LearnedScope:
    problem = tenant_problem(message.tenant)
    if problem or not message.basis:
        raise ValueError(problem or "basis is empty")
    fitted = message.HasField("calibration")
    return LearnedScope(
        key=ScopeKey(message.tenant, TASK_KIND[message.task_kind], message.basis),
        labels=message.labels,
        right=message.right,
        calibration=calibration_from_proto(message.calibration) if fitted else None,
        certificates=tuple(certificate_from_proto(item) for item in message.certificates),
        state=LearningState(
            cursor=_offsets(message.state.cursor),
            calibration=_calibration(message.state.calibration),
            promises=tuple(_promise(item) for item in message.state.promises),
        ),
        update_time=to_datetime(message.update_time),
    )


def _write_state(message: calibration_pb2.LearningState, state: LearningState) -> None:
    message.cursor.update(state.cursor)
    calibration = message.calibration
    calibration.epoch.update(state.calibration.epoch)
    calibration.labels_since_fit = state.calibration.labels_since_fit
    calibration.labels_watched = state.calibration.labels_watched
    _write_bets(calibration.bets, state.calibration.bets)
    for promise in state.promises:
        item = message.promises.add(error_rate=promise.error_rate, attempts=promise.attempts)
        item.epoch.update(promise.epoch)
        if promise.watch is not None:
            watch = promise.watch
            _write_bets(item.watch.bets, watch.bets)
            item.watch.seen = watch.seen
            item.watch.wrong = watch.wrong


def _write_bets(message: calibration_pb2.Bets, bets: Bets) -> None:
    message.SetInParent()
    message.log_wealth = bets.log_wealth
    message.weight = bets.weight
    message.total = bets.total
    message.total_squares = bets.total_squares


def _bets(message: calibration_pb2.Bets) -> Bets:
    return Bets(message.log_wealth, message.weight, message.total, message.total_squares)


def _calibration(message: calibration_pb2.CalibrationProgress) -> CalibrationProgress:
    return CalibrationProgress(
        epoch=_offsets(message.epoch),
        labels_since_fit=message.labels_since_fit,
        labels_watched=message.labels_watched,
        bets=_bets(message.bets),
    )


def _promise(message: calibration_pb2.PromiseProgress) -> PromiseProgress:
    watch = message.watch
    return PromiseProgress(
        error_rate=message.error_rate,
        epoch=_offsets(message.epoch),
        attempts=message.attempts,
        watch=PromiseWatch(_bets(watch.bets), watch.seen, watch.wrong)
        if message.HasField("watch")
        else None,
    )


def _offsets(message: Mapping[int, int]) -> Mapping[int, int]:
    return dict(sorted(message.items()))

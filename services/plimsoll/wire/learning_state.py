"""Where learning stands, as messages, and back."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.domain.learning import (
    Bets,
    CalibrationProgress,
    LearningState,
    PromiseProgress,
    PromiseWatch,
)
from plimsoll.v1 import calibration_pb2


def write_state(message: calibration_pb2.LearningState, state: LearningState) -> None:
    """Fills an empty message."""
    message.cursor.update(state.cursor)
    calibration = message.calibration
    calibration.epoch.update(state.calibration.epoch)
    calibration.labels_since_fit = state.calibration.labels_since_fit
    calibration.labels_watched = state.calibration.labels_watched
    calibration.labels, calibration.right = state.calibration.labels, state.calibration.right
    _write_bets(calibration.bets, state.calibration.bets)
    for promise in state.promises:
        item = message.promises.add(error_rate=promise.error_rate, attempts=promise.attempts)
        item.epoch.update(promise.epoch)
        item.labels = promise.labels
        if promise.watch is not None:
            watch = promise.watch
            _write_bets(item.watch.bets, watch.bets)
            item.watch.seen = watch.seen
            item.watch.wrong = watch.wrong


def state_from_proto(message: calibration_pb2.LearningState) -> LearningState:
    """The value of a message."""
    return LearningState(
        cursor=_offsets(message.cursor),
        calibration=_calibration(message.calibration),
        promises=tuple(_promise(item) for item in message.promises),
    )


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
        labels=message.labels,
        right=message.right,
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
        labels=message.labels,
    )


def _offsets(message: Mapping[int, int]) -> Mapping[int, int]:
    return dict(sorted(message.items()))

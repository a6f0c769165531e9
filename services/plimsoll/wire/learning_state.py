"""Where learning stands, as messages, and back."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.domain.learning import CalibrationProgress, LearningState, PromiseProgress
from plimsoll.v1 import calibration_pb2
from plimsoll.wire.watches import bets_from_proto, watch_from_proto, write_bets, write_watch


def write_state(message: calibration_pb2.LearningState, state: LearningState) -> None:
    """Fills an empty message."""
    message.cursor.update(state.cursor)
    calibration = message.calibration
    calibration.epoch.update(state.calibration.epoch)
    calibration.labels_since_fit = state.calibration.labels_since_fit
    calibration.labels_watched = state.calibration.labels_watched
    calibration.labels, calibration.right = state.calibration.labels, state.calibration.right
    write_bets(calibration.bets, state.calibration.bets)
    for promise in state.promises:
        item = message.promises.add(error_rate=promise.error_rate, attempts=promise.attempts)
        item.epoch.update(promise.epoch)
        item.labels = promise.labels
        if promise.watch is not None:
            write_watch(item.watch, promise.watch)


def state_from_proto(message: calibration_pb2.LearningState) -> LearningState:
    """The value of a message."""
    return LearningState(
        cursor=_offsets(message.cursor),
        calibration=_calibration(message.calibration),
        promises=tuple(_promise(item) for item in message.promises),
    )


def _calibration(message: calibration_pb2.CalibrationProgress) -> CalibrationProgress:
    return CalibrationProgress(
        epoch=_offsets(message.epoch),
        labels_since_fit=message.labels_since_fit,
        labels_watched=message.labels_watched,
        bets=bets_from_proto(message.bets),
        labels=message.labels,
        right=message.right,
    )


def _promise(message: calibration_pb2.PromiseProgress) -> PromiseProgress:
    return PromiseProgress(
        error_rate=message.error_rate,
        epoch=_offsets(message.epoch),
        attempts=message.attempts,
        watch=watch_from_proto(message.watch) if message.HasField("watch") else None,
        labels=message.labels,
    )


def _offsets(message: Mapping[int, int]) -> Mapping[int, int]:
    return dict(sorted(message.items()))

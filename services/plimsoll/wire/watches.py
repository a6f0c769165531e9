"""Evidence against promises and calibrations as messages, and back."""

from __future__ import annotations

from plimsoll.domain.learning import Bets, PromiseWatch
from plimsoll.v1 import calibration_pb2


def write_bets(message: calibration_pb2.Bets, bets: Bets) -> None:
    """Fills an empty message, which is there even where nothing was bet."""
    message.SetInParent()
    message.log_wealth = bets.log_wealth
    message.weight = bets.weight
    message.total = bets.total
    message.total_squares = bets.total_squares


def bets_from_proto(message: calibration_pb2.Bets) -> Bets:
    """The value of a message."""
    return Bets(message.log_wealth, message.weight, message.total, message.total_squares)


def write_watch(message: calibration_pb2.PromiseWatch, watch: PromiseWatch) -> None:
    """Fills an empty message."""
    write_bets(message.bets, watch.bets)
    message.seen = watch.seen
    message.wrong = watch.wrong


def watch_from_proto(message: calibration_pb2.PromiseWatch) -> PromiseWatch:
    """The value of a message."""
    return PromiseWatch(bets_from_proto(message.bets), message.seen, message.wrong)

"""Tells how old what scores rest on is: the combination, and the reliability of judges."""

from __future__ import annotations

from datetime import UTC, datetime, time

from plimsoll.calibration.combine import Combination
from plimsoll.calibration.judges.table import ReliabilityTable
from plimsoll.ports.telemetry import CALIBRATION_MADE, Telemetry


def tell_calibrations(
    telemetry: Telemetry, combination: Combination, reliability: ReliabilityTable
) -> None:
    """When each was made; nothing of one that does not say."""
    for name, made in (("confidence", combination.made_on), ("judges", reliability.made_on)):
        if made is not None:
            at = datetime.combine(made, time(), UTC)
            telemetry.set(CALIBRATION_MADE, at.timestamp(), (name,))

"""Learned calibrations and certificates as messages, and back."""

from __future__ import annotations

import math

from plimsoll.domain.learned import Certificate, LearnedCalibration, Withdrawal
from plimsoll.v1 import calibration_pb2
from plimsoll.wire.times import set_timestamp, to_datetime


def write_calibration(
    message: calibration_pb2.LearnedCalibration, learned: LearnedCalibration
) -> None:
    """Fills an empty message."""
    message.calibration_id = learned.calibration_id
    message.intercept = learned.intercept
    message.slope = learned.slope
    message.intercept_variance = learned.intercept_variance
    message.covariance = learned.covariance
    message.slope_variance = learned.slope_variance
    message.labels = learned.labels
    message.right = learned.right
    set_timestamp(message.fit_time, learned.fit_time)


def calibration_from_proto(message: calibration_pb2.LearnedCalibration) -> LearnedCalibration:
    """The value of a message; ValueError for numbers that no fit gives, or a time that is none."""
    numbers = (
        message.intercept,
        message.slope,
        message.intercept_variance,
        message.covariance,
        message.slope_variance,
    )
    if not all(map(math.isfinite, numbers)) or message.slope <= 0.0:
        raise ValueError(f"calibration {message.calibration_id} is none")
    return LearnedCalibration(
        calibration_id=message.calibration_id,
        intercept=message.intercept,
        slope=message.slope,
        intercept_variance=message.intercept_variance,
        covariance=message.covariance,
        slope_variance=message.slope_variance,
        labels=message.labels,
        right=message.right,
        fit_time=to_datetime(message.fit_time),
    )


def write_withdrawal(message: calibration_pb2.Withdrawal, given: Withdrawal) -> None:
    """Fills an empty message."""
    message.calibration_id = given.calibration_id
    message.labels = given.labels
    set_timestamp(message.fit_time, given.fit_time)
    set_timestamp(message.withdraw_time, given.withdraw_time)
    message.reason = given.reason


def withdrawal_from_proto(message: calibration_pb2.Withdrawal) -> Withdrawal:
    """The value of a message; ValueError for a time that is none."""
    return Withdrawal(
        calibration_id=message.calibration_id,
        labels=message.labels,
        fit_time=to_datetime(message.fit_time),
        withdraw_time=to_datetime(message.withdraw_time),
        reason=message.reason,
    )


def write_certificate(message: calibration_pb2.Certificate, given: Certificate) -> None:
    """Fills an empty message."""
    message.certificate_id = given.certificate_id
    message.error_rate = given.error_rate
    message.failure = given.failure
    message.threshold = given.threshold
    message.labels = given.labels
    message.errors = given.errors
    message.bound = given.bound
    message.coverage = given.coverage
    set_timestamp(message.issue_time, given.issue_time)
    set_timestamp(message.valid_until, given.valid_until)
    if given.revoke_time is not None:
        set_timestamp(message.revoke_time, given.revoke_time)
    message.revoke_reason = given.revoke_reason


def certificate_from_proto(message: calibration_pb2.Certificate) -> Certificate:
    """The value of a message; ValueError for rates outside (0, 1), or a time that is none."""
    shares = message.error_rate, message.failure, message.threshold
    if not all(0.0 < share < 1.0 for share in shares):
        raise ValueError(f"certificate {message.certificate_id} promises nothing that is known")
    revoked = message.HasField("revoke_time")
    return Certificate(
        certificate_id=message.certificate_id,
        error_rate=message.error_rate,
        failure=message.failure,
        threshold=message.threshold,
        labels=message.labels,
        errors=message.errors,
        bound=message.bound,
        coverage=message.coverage,
        issue_time=to_datetime(message.issue_time),
        valid_until=to_datetime(message.valid_until),
        revoke_time=to_datetime(message.revoke_time) if revoked else None,
        revoke_reason=message.revoke_reason,
    )

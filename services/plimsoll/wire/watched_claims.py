"""Promises about claims, as audits bear them out, as messages and back."""

from __future__ import annotations

from plimsoll.domain.learned import WatchedClaims
from plimsoll.v1 import calibration_pb2
from plimsoll.wire.claim_promises import claim_promise_from_proto, write_claim_promise
from plimsoll.wire.times import set_timestamp, to_datetime
from plimsoll.wire.watches import watch_from_proto, write_watch


def write_watched_claims(message: calibration_pb2.WatchedClaims, given: WatchedClaims) -> None:
    """Fills an empty message."""
    message.certificate_id = given.certificate_id
    message.filter_id = given.filter_id
    message.language = given.language
    write_claim_promise(message.promise, given.promise)
    message.failure = given.failure
    write_watch(message.watch, given.watch)
    message.lost = given.lost
    if given.revoke_time is not None:
        set_timestamp(message.revoke_time, given.revoke_time)
    message.revoke_reason = given.revoke_reason


def watched_claims_from_proto(message: calibration_pb2.WatchedClaims) -> WatchedClaims:
    """The value of a message.

    ValueError for rates outside (0, 1), a promise that is not known here, or a time that is none.
    """
    promise = claim_promise_from_proto(message.promise)
    if promise is None or not (0.0 < promise.error_rate < 1.0 and 0.0 < message.failure < 1.0):
        raise ValueError(f"{message.certificate_id} promises nothing that is known here")
    revoked = message.HasField("revoke_time")
    return WatchedClaims(
        certificate_id=message.certificate_id,
        filter_id=message.filter_id,
        language=message.language,
        promise=promise,
        failure=message.failure,
        watch=watch_from_proto(message.watch),
        lost=message.lost,
        revoke_time=to_datetime(message.revoke_time) if revoked else None,
        revoke_reason=message.revoke_reason,
    )

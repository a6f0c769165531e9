"""What was learned of a scope as a record of its topic."""

from __future__ import annotations

from google.protobuf.message import DecodeError

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import tenant_problem
from plimsoll.domain.learned import LearnedScope, ScopeKey
from plimsoll.domain.record import OutRecord
from plimsoll.v1 import calibration_pb2
from plimsoll.wire.certificates import (
    calibration_from_proto,
    certificate_from_proto,
    withdrawal_from_proto,
    write_calibration,
    write_certificate,
    write_withdrawal,
)
from plimsoll.wire.enums import TASK_KIND
from plimsoll.wire.headers import LEARNED_TYPE, event_headers
from plimsoll.wire.learning_state import state_from_proto, write_state
from plimsoll.wire.times import set_timestamp, to_datetime
from plimsoll.wire.watched_claims import watched_claims_from_proto, write_watched_claims


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
    if learned.withdrawn is not None:
        write_withdrawal(message.withdrawn, learned.withdrawn)
    if learned.claims is not None:
        write_watched_claims(message.claims, learned.claims)
    write_state(message.state, learned.state)
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
    fitted, withdrawn = message.HasField("calibration"), message.HasField("withdrawn")
    return LearnedScope(
        key=ScopeKey(message.tenant, TASK_KIND[message.task_kind], message.basis),
        labels=message.labels,
        right=message.right,
        calibration=calibration_from_proto(message.calibration) if fitted else None,
        certificates=tuple(certificate_from_proto(item) for item in message.certificates),
        state=state_from_proto(message.state),
        update_time=to_datetime(message.update_time),
        withdrawn=withdrawal_from_proto(message.withdrawn) if withdrawn else None,
        claims=watched_claims_from_proto(message.claims) if message.HasField("claims") else None,
    )

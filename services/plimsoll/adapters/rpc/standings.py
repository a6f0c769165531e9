"""How the certificates that a stored confidence names stand now, beside what was stored."""

from __future__ import annotations

from collections.abc import Callable

from plimsoll.adapters.rpc.envelope import summary_of
from plimsoll.adapters.rpc.framing import field, number_field, text_field
from plimsoll.domain.learned import CERTIFICATE_PREFIX, CertificateState
from plimsoll.v1 import score_pb2, service_pb2
from plimsoll.wire.enums import CERTIFICATE_STATE

# By a certificate's ID; it never waits.
StateOf = Callable[[str], CertificateState]

_MARK = CERTIFICATE_PREFIX.encode()
_NUMBER = service_pb2.ConfidenceRecord.DESCRIPTOR.fields_by_name["certificates"].number


def nobody_knows(certificate_id: str) -> CertificateState:
    """Where no topic is followed."""
    del certificate_id
    return CertificateState.UNKNOWN


def encode_standings(payload: bytes, state_of: StateOf) -> bytes:
    """The field `certificates` of a ConfidenceRecord, empty where the confidence names none.

    Only bytes in which the beginning of a certificate's ID stands are read at all.
    """
    if _MARK not in payload:
        return b""
    scored = score_pb2.ScoredResult.FromString(summary_of(payload))
    named = {promise.certificate for promise in scored.confidence.promises}
    if scored.decision.certificate:
        named.add(scored.decision.certificate)
    return b"".join(
        field(
            _NUMBER,
            text_field(1, name) + number_field(2, CERTIFICATE_STATE.numbers[state_of(name)]),
        )
        for name in sorted(named)
    )

"""How the certificates that a stored confidence names stand now, beside what was stored."""

from __future__ import annotations

from typing import Protocol

from plimsoll.adapters.rpc.envelope import summary_of
from plimsoll.adapters.rpc.framing import field, number_field, text_field
from plimsoll.domain.claim_scopes import CLAIM_CERTIFICATE_PREFIX
from plimsoll.domain.learned import CERTIFICATE_PREFIX, CertificateState
from plimsoll.v1 import score_pb2, service_pb2
from plimsoll.wire.enums import CERTIFICATE_STATE

_MARK = CERTIFICATE_PREFIX.encode()
_CLAIMS_MARK = CLAIM_CERTIFICATE_PREFIX.encode()
_NUMBER = service_pb2.ConfidenceRecord.DESCRIPTOR.fields_by_name["certificates"].number


class Certificates(Protocol):
    """What is known of certificates here and now; asking never waits."""

    @property
    def none(self) -> bool:
        """Whether it is known that there is none: then nobody has to look for their names."""

    def state(self, certificate_id: str) -> CertificateState:
        """How one stands."""


class NobodyKnows:
    """Where no topic is followed."""

    none = False

    def state(self, certificate_id: str) -> CertificateState:
        """It cannot be told."""
        del certificate_id
        return CertificateState.UNKNOWN


NOBODY_KNOWS = NobodyKnows()


def encode_standings(payload: bytes, certificates: Certificates) -> bytes:
    """The field `certificates` of a ConfidenceRecord, empty where the event names none.

    Only bytes in which the beginning of a certificate's ID stands are read at all. Those of claims
    have no record before their first label.
    """
    of_claims = _CLAIMS_MARK in payload
    if not of_claims and (certificates.none or _MARK not in payload):
        return b""
    # The scores are most of an event, and only filters of claims name a certificate there.
    read = payload if of_claims else summary_of(payload)
    scored = score_pb2.ScoredResult.FromString(read)
    named = {promise.certificate for promise in scored.confidence.promises}
    if scored.decision.certificate:
        named.add(scored.decision.certificate)
    filters = (score.claim_filter.promise for score in scored.scores)
    named.update(promise.certificate for promise in filters if promise.certificate)
    return b"".join(
        field(
            _NUMBER,
            text_field(1, name)
            + number_field(2, CERTIFICATE_STATE.numbers[certificates.state(name)]),
        )
        for name in sorted(named)
    )

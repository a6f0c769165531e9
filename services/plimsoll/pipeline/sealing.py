"""Scored events with their evidence sealed: the key first, then the event."""

from __future__ import annotations

import structlog

from plimsoll.domain.errors import RetryableError
from plimsoll.domain.record import OutRecord
from plimsoll.domain.scored import ScoredResult
from plimsoll.domain.sealing import key_name
from plimsoll.ports.clock import Clock
from plimsoll.ports.evidence_keys import DataKey, EvidenceKeyStore, KeyRing
from plimsoll.ports.telemetry import EVIDENCE_KEY_WAITS, EVIDENCE_SEALED, Telemetry
from plimsoll.resilience.patience import keep_trying
from plimsoll.wire.scored import encode_erased, encode_scored

_log = structlog.get_logger(__name__)

# Hundreds of results may wait for one reason: it is said once in so long.
_SAY_EVERY_S = 10.0
_UNWRAPPABLE = (
    "a key of evidence is wrapped by a master key that evidence.keys_file does not hold: add {}"
)


class EvidenceSeals:
    """Encodes events; waits for a store of keys that is away, and never goes on in clear."""

    def __init__(
        self, store: EvidenceKeyStore, ring: KeyRing, clock: Clock, telemetry: Telemetry
    ) -> None:
        self._store = store
        self._ring = ring
        self._clock = clock
        self._telemetry = telemetry
        self._said: float | None = None

    async def encode(self, scored: ScoredResult, topic: str, max_bytes: int) -> OutRecord:
        """The event, at most `max_bytes` long; PoisonError where its IDs are longer."""
        key = await keep_trying(lambda: self._key(scored), self._clock, self._note_wait)
        if key is None:
            self._telemetry.count(EVIDENCE_SEALED, ("erased",))
            return encode_erased(scored, topic, max_bytes)
        self._telemetry.count(EVIDENCE_SEALED, ("sealed",))
        return encode_scored(scored, topic, max_bytes, key.seal)

    async def _key(self, scored: ScoredResult) -> DataKey | None:
        """The key of the result, None where that was erased."""
        name = key_name(scored.key, scored.subject_id)
        stands = await self._store.keep(name, self._ring.fresh(name))
        if stands is None:
            return None
        key = self._ring.unwrap(name, stands)
        if key is None:
            # It waits for the file to be mended: another key would give the event another digest.
            raise RetryableError(_UNWRAPPABLE.format(stands.master))
        return key

    def _note_wait(self, error: RetryableError) -> None:
        self._telemetry.count(EVIDENCE_KEY_WAITS)
        now = self._clock.monotonic()
        if self._said is None or now - self._said >= _SAY_EVERY_S:
            self._said = now
            _log.warning("scorer.evidence.waits", error=str(error))


def has_evidence(scored: ScoredResult) -> bool:
    """Whether there is anything to seal."""
    return any(score.evidence for score in scored.scores)

"""Opens sealed evidence for replies that show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.sealing import EvidenceState, KeyName, WrappedKey, key_name
from plimsoll.ports.evidence_keys import EvidenceKeyStore, KeyRing
from plimsoll.ports.store import VisibleScore
from plimsoll.ports.telemetry import EVIDENCE_OPENED, Telemetry
from plimsoll.v1 import score_pb2, service_pb2
from plimsoll.wire.enums import EVIDENCE_STATE
from plimsoll.wire.sealing import drop_evidence, is_sealed, open_evidence


class Evidence(Protocol):
    """How rows are made ready for a view."""

    async def ready(self, rows: Iterable[VisibleScore], view: int) -> Sequence[VisibleScore]:
        """The rows in their order; RetryableError where keys cannot be read now."""


class AsItStands:
    """Rows as they are: no master keys are here, or nothing was ever sealed."""

    async def ready(self, rows: Iterable[VisibleScore], view: int) -> Sequence[VisibleScore]:
        """The rows."""
        del view
        return tuple(rows)


AS_IT_STANDS = AsItStands()


class Opener:
    """Opens evidence for the full view, with one read of keys for all rows and none kept after."""

    def __init__(self, store: EvidenceKeyStore, ring: KeyRing, telemetry: Telemetry) -> None:
        self._store = store
        self._ring = ring
        self._telemetry = telemetry

    async def ready(self, rows: Iterable[VisibleScore], view: int) -> Sequence[VisibleScore]:
        """The rows, each with its evidence or with the state that says why there is none."""
        rows = tuple(rows)
        if view != service_pb2.VIEW_FULL:
            return rows
        read = [score_pb2.ScoredResult.FromString(found.row.payload) for found in rows]
        names = {index: _name(one) for index, one in enumerate(read) if is_sealed(one)}
        if not names:
            return rows
        keys = await self._store.find(tuple(names.values()))
        for index, name in names.items():
            self._open(read[index], name, keys.get(name), gone=name in keys)
        return tuple(
            _with(found, read[index]) if index in names else found
            for index, found in enumerate(rows)
        )

    def _open(
        self,
        message: score_pb2.ScoredResult,
        name: KeyName,
        wrapped: WrappedKey | None,
        *,
        gone: bool,
    ) -> None:
        key = None if wrapped is None else self._ring.unwrap(name, wrapped)
        if key is not None:
            open_evidence(message, key.open)
        elif wrapped is None and gone:
            drop_evidence(message, score_pb2.EVIDENCE_STATE_ERASED)
        else:
            drop_evidence(message, score_pb2.EVIDENCE_STATE_UNREADABLE)
        state: EvidenceState = EVIDENCE_STATE[message.evidence_state]
        self._telemetry.count(EVIDENCE_OPENED, (state.value,))


def _name(message: score_pb2.ScoredResult) -> KeyName:
    return key_name(ResultKey(message.tenant, message.result_id), message.subject_id)


def _with(found: VisibleScore, message: score_pb2.ScoredResult) -> VisibleScore:
    return replace(found, row=replace(found.row, payload=message.SerializeToString()))

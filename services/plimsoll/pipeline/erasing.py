"""Carries orders to erase out: keys, rows, replies of judges, and then the proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

import structlog

from plimsoll.domain.erasure import ErasureOrder, ErasureReceipt
from plimsoll.domain.errors import PoisonError, RetryableError
from plimsoll.domain.record import Record
from plimsoll.domain.scopes import Scope
from plimsoll.ports.clock import Clock
from plimsoll.ports.evidence_keys import EvidenceKeyStore
from plimsoll.ports.log import LogProducer
from plimsoll.ports.memo import JudgeMemo
from plimsoll.ports.store import ScoreStore
from plimsoll.ports.telemetry import ERASURES, ERASURES_WAITING, Telemetry
from plimsoll.wire.erasures import decode_erasure, encode_receipt

_log = structlog.get_logger(__name__)

# Opens what judges said; None where no store of judges can be reached from here.
OpenMemo = Callable[[], AbstractAsyncContextManager[JudgeMemo | None]]
# Opens the keys of evidence; None where evidence was never sealed.
OpenKeys = Callable[[], AbstractAsyncContextManager[EvidenceKeyStore | None]]
_NO_MEMO = "what judges said: no store of judges is reached from the indexer (judges.*)"


class Eraser:
    """Every step may be taken twice, so that a death between two costs a repetition.

    All indexers destroy keys, delete rows and bury what was erased; the one that `leads` goes on
    to what judges said and publishes the receipt. Two that lead for a moment publish two: the first
    one counts.
    """

    def __init__(
        self,
        *,
        store: ScoreStore,
        open_memo: OpenMemo,
        open_keys: OpenKeys,
        producer: LogProducer,
        clock: Clock,
        telemetry: Telemetry,
        topic: str,
        left: Sequence[str],
        leads: Callable[[], bool],
    ) -> None:
        self._store = store
        self._open_memo = open_memo
        self._open_keys = open_keys
        self._producer = producer
        self._clock = clock
        self._telemetry = telemetry
        self._topic = topic
        self._left = tuple(left)
        self._leads = leads
        # All that the topic holds, which keeps a receipt of each order for good: some 170 bytes for
        # an order in both, 17 MB for a hundred thousand. Forgetting one would erase it anew.
        self._buried: set[str] = set()
        self._proven: set[str] = set()
        self._open: dict[str, ErasureOrder] = {}
        # What was buried while there was no store of keys: whoever begins to seal makes one.
        self._unkeyed: dict[str, Scope] = {}

    @property
    def waiting(self) -> Mapping[str, ErasureOrder]:
        """Orders without a receipt, by ID, in the order in which they came."""
        return dict(self._open)

    async def take(self, records: Sequence[Record]) -> None:
        """Deletes rows for every order and receipt among these; the same ones again are no news.

        Keys go by all that was ever taken, as soon as there is a store of them. Raises
        RetryableError where a store is away: what was not taken has to come again.
        """
        said = [one for record in records if (one := self._read(record)) is not None]
        if said or self._unkeyed:
            async with self._open_keys() as keys:
                await self._make_up_for(keys)
                for one in said:
                    await self._take(one, keys)
        self._telemetry.set(ERASURES_WAITING, len(self._open))

    def _read(self, record: Record) -> ErasureOrder | ErasureReceipt | None:
        try:
            return decode_erasure(record)
        except PoisonError as error:
            self._telemetry.count(ERASURES, ("unreadable",))
            _log.warning(
                "indexer.erasure.unreadable",
                partition=record.partition,
                offset=record.offset,
                reason=error.reason,
            )
            return None

    async def _take(
        self, said: ErasureOrder | ErasureReceipt, keys: EvidenceKeyStore | None
    ) -> None:
        if isinstance(said, ErasureOrder):
            await self._bury(said.erasure_id, said.erasure.scope, keys)
            if said.erasure_id not in self._proven:
                self._open.setdefault(said.erasure_id, said)
            return
        # Of an order that compaction has removed: a store that was restored learns of it.
        await self._bury(said.erasure_id, said.scope, keys)
        self._proven.add(said.erasure_id)
        self._open.pop(said.erasure_id, None)

    async def prove(self) -> None:
        """Finishes what waits, where this indexer leads; what cannot be done now waits on."""
        for order in list(self._open.values()) if self._leads() else ():
            try:
                receipt = await self._carry_out(order)
                await (await self._producer.send(encode_receipt(receipt, self._topic)))
            except RetryableError as error:
                _log.warning("indexer.erasure.waits", erasure=order.erasure_id, error=str(error))
                return
            self._proven.add(order.erasure_id)
            self._open.pop(order.erasure_id, None)
            self._telemetry.count(ERASURES, (receipt.scope.by.value,))
            self._telemetry.set(ERASURES_WAITING, len(self._open))
            _log.info(
                "indexer.erasure.proven",
                erasure=order.erasure_id,
                tenant=receipt.scope.tenant,
                by=receipt.scope.by.value,
                scores=receipt.erased["scores"],
                dead_letters=receipt.erased["dead_letters"],
                judges_replies=receipt.erased.get("judges_replies"),
                evidence_keys=receipt.erased.get("evidence_keys"),
            )

    async def _make_up_for(self, keys: EvidenceKeyStore | None) -> None:
        """Lets orders hold for keys, too, where no store of keys was there when they came."""
        if keys is None:
            return
        for erasure_id, scope in list(self._unkeyed.items()):
            await keys.erase(erasure_id, scope)
            del self._unkeyed[erasure_id]

    async def _bury(self, erasure_id: str, scope: Scope, keys: EvidenceKeyStore | None) -> None:
        if erasure_id not in self._buried:
            if keys is not None:
                # First: what is gone with its key needs no other store to be reached.
                await keys.erase(erasure_id, scope)
            await self._store.erase(erasure_id, scope)
            self._buried.add(erasure_id)
            if keys is None:
                self._unkeyed[erasure_id] = scope

    async def _carry_out(self, order: ErasureOrder) -> ErasureReceipt:
        scope = order.erasure.scope
        rows = await self._store.erase(order.erasure_id, scope)
        erased = {"scores": rows.scores, "dead_letters": rows.dead_letters}
        left = list(self._left)
        async with self._open_keys() as keys:
            if keys is not None:
                erased["evidence_keys"] = await keys.erase(order.erasure_id, scope)
        async with self._open_memo() as memo:
            if memo is None:
                left.append(_NO_MEMO)
            else:
                erased["judges_replies"] = await memo.erase((order.erasure,))
        return ErasureReceipt(
            erasure_id=order.erasure_id,
            scope=scope,
            requested_by=order.requested_by,
            reason=order.reason,
            order_time=order.time,
            time=self._clock.now(),
            erased=erased,
            left=tuple(left),
        )

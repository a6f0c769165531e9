"""Single and batched look-ups: a record, or the status that says why there is none."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from plimsoll.adapters.rpc.feed import Outcome, ProjectionFeed
from plimsoll.adapters.rpc.opening import AS_IT_STANDS, Evidence
from plimsoll.adapters.rpc.replies import (
    encode_batch_reply,
    encode_failed_item,
    encode_found_item,
    encode_get_reply,
    encode_record,
)
from plimsoll.adapters.rpc.requests import read_batch, read_key, read_view, read_wait
from plimsoll.adapters.rpc.standings import NOBODY_KNOWS, Certificates
from plimsoll.adapters.rpc.statuses import (
    NOT_SCORED_YET,
    NOT_SEEN,
    StatusError,
    dead_letter,
    erased,
    exhausted,
    not_found,
)
from plimsoll.adapters.rpc.tracing import link_scores
from plimsoll.domain.caller import ANYBODY, Caller
from plimsoll.domain.identity import ResultKey
from plimsoll.ports.store import ScoreStore, VisibleScore
from plimsoll.v1 import service_pb2

# Kept back from the caller's deadline, so that the answer arrives before it.
_ANSWER_MARGIN = timedelta(milliseconds=50)


class Deadline(Protocol):
    """A call's own."""

    def time_remaining(self) -> float | None:
        """Seconds that are left, None where the caller set no end."""


class LookUps:
    """Answers by key; at most `max_waiters` calls wait at once, each `max_wait` at most."""

    def __init__(
        self,
        store: ScoreStore,
        feed: ProjectionFeed,
        max_wait: timedelta,
        max_waiters: int,
        evidence: Evidence = AS_IT_STANDS,
        *,
        certificates: Certificates = NOBODY_KNOWS,
    ) -> None:
        self._evidence = evidence
        self._certificates = certificates
        self._store = store
        self._feed = feed
        self._max_wait = max_wait
        self._max_waiters = max_waiters

    async def get(
        self,
        request: service_pb2.GetConfidenceRequest,
        deadline: Deadline,
        caller: Caller = ANYBODY,
    ) -> bytes:
        """A GetConfidenceResponse."""
        key = read_key(request.tenant, request.result_id)
        view = read_view(request.view)
        wait = read_wait(request, self._max_wait)
        found = (await self._store.get((key,))).get(key)
        if found is None:
            found = await self._why_not(key, wait, deadline.time_remaining(), caller)
        link_scores((found,))
        (shown,) = await self._evidence.ready((found,), view)
        return encode_get_reply(self._record(shown, view))

    async def batch(
        self, request: service_pb2.BatchGetConfidenceRequest, caller: Caller = ANYBODY
    ) -> bytes:
        """A BatchGetConfidenceResponse: as many items as IDs, in that order."""
        tenant, result_ids = read_batch(request)
        view = read_view(request.view)
        keys: dict[str, ResultKey] = {}
        wrong: dict[str, StatusError] = {}
        for index, result_id in enumerate(result_ids):
            try:
                keys[result_id] = read_key(tenant, result_id, f"result_ids[{index}].")
            except StatusError as error:
                wrong[result_id] = error
        found = await self._store.get(list(keys.values()))
        link_scores(found.values())
        shown = dict(zip(found, await self._evidence.ready(found.values(), view), strict=True))
        missing = [key for key in keys.values() if key not in found]
        absent = await self._absent(missing, caller)
        wrong |= {key.result_id: status for key, status in absent.items()}
        return encode_batch_reply(
            encode_failed_item(result_id, wrong[result_id].as_item())
            if result_id in wrong
            else encode_found_item(
                result_id, encode_record(shown[keys[result_id]], view, self._certificates)
            )
            for result_id in result_ids
        )

    def _record(self, found: VisibleScore, view: int) -> bytes:
        return encode_record(found, view, self._certificates)

    async def _absent(self, keys: list[ResultKey], caller: Caller) -> dict[ResultKey, StatusError]:
        if not keys:
            return {}
        gone = await self._store.erased(keys)
        letters = await self._store.dead_letters(keys)
        offsets = dict(await self._store.next_offsets())
        return {
            key: erased(key)
            if key in gone
            else dead_letter(key, letters[key])
            if key in letters
            else not_found(key, NOT_SEEN, offsets, caller)
            for key in keys
        }

    async def _why_not(
        self, key: ResultKey, wait: timedelta, time_left_s: float | None, caller: Caller
    ) -> VisibleScore:
        """Waits as long as it may for a score; StatusError where none comes."""
        if await self._store.erased((key,)):
            raise erased(key)
        reason = NOT_SCORED_YET if wait else NOT_SEEN
        if time_left_s is not None:
            wait = min(wait, timedelta(seconds=max(0.0, time_left_s)) - _ANSWER_MARGIN)
        outcome: Outcome | None
        if wait > timedelta(0):
            if self._feed.waiters >= self._max_waiters:
                raise exhausted("waiting calls", self._max_waiters, "query.max_waiters")
            outcome = await self._feed.outcome(key, wait)
        else:
            outcome = (await self._store.dead_letters((key,))).get(key)
        if isinstance(outcome, VisibleScore):
            return outcome
        if outcome is not None:
            raise dead_letter(key, outcome)
        raise not_found(key, reason, dict(await self._store.next_offsets()), caller)

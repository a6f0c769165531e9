"""Streams of scores as they become visible, each with the token that resumes after it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from plimsoll.adapters.rpc.feed import ProjectionFeed
from plimsoll.adapters.rpc.opening import AS_IT_STANDS, Evidence
from plimsoll.adapters.rpc.replies import encode_record, encode_watch_reply
from plimsoll.adapters.rpc.requests import read_filter, read_view
from plimsoll.adapters.rpc.standings import NOBODY_KNOWS, Certificates
from plimsoll.adapters.rpc.statuses import exhausted, invalid, unavailable
from plimsoll.domain.record import TopicPartition
from plimsoll.ports.store import ScoreStore
from plimsoll.v1 import service_pb2
from plimsoll.wire.resume_tokens import decode_resume_token, encode_resume_token

# Rows in memory for one watcher; gRPC's flow control holds the stream back between them.
_BITE = 20


class Watches:
    """At most `max_watchers` streams over the scores topic; an idle one says so now and then."""

    def __init__(
        self,
        store: ScoreStore,
        feed: ProjectionFeed,
        topic: str,
        max_watchers: int,
        heartbeat: timedelta,
        *,
        evidence: Evidence = AS_IT_STANDS,
        certificates: Certificates = NOBODY_KNOWS,
    ) -> None:
        self._evidence = evidence
        self._certificates = certificates
        self._store = store
        self._feed = feed
        self._topic = topic
        self._max_watchers = max_watchers
        self._heartbeat = heartbeat
        self._open = 0

    async def watch(self, request: service_pb2.WatchConfidencesRequest) -> AsyncIterator[bytes]:
        """WatchConfidencesResponses, the first of them at once and without a record."""
        if self._open >= self._max_watchers:
            raise exhausted("watch streams", self._max_watchers, "query.max_watchers")
        self._open += 1
        try:
            async for reply in self._stream(request):
                yield reply
        finally:
            self._open -= 1

    async def _stream(self, request: service_pb2.WatchConfidencesRequest) -> AsyncIterator[bytes]:
        where, view = read_filter(request.filter), read_view(request.view)
        offsets = await self._start(request)
        yield encode_watch_reply(b"", encode_resume_token(self._topic, offsets))
        while not self._feed.draining:
            moved = self._feed.movement()
            # Read before the rows: what is projected in between only makes the rows go further.
            projected = await self._projected()
            rows = await self._store.since(offsets, where, _BITE)
            for found in await self._evidence.ready(rows, view):
                at = found.row.position
                offsets[TopicPartition(at.topic, at.partition)] = at.offset + 1
                token = encode_resume_token(self._topic, offsets)
                yield encode_watch_reply(encode_record(found, view, self._certificates), token)
            if len(rows) < _BITE:
                # Nothing was cut: what did not match the filter has been passed too.
                for partition, offset in projected.items():
                    offsets[partition] = max(offset, offsets.get(partition, 0))
                try:
                    await self._feed.wait_for(moved, self._heartbeat)
                except TimeoutError:
                    yield encode_watch_reply(b"", encode_resume_token(self._topic, offsets))
        raise unavailable("the query service is stopping: resume with the last token")

    async def _start(
        self, request: service_pb2.WatchConfidencesRequest
    ) -> dict[TopicPartition, int]:
        if request.resume_token:
            try:
                return decode_resume_token(self._topic, request.resume_token)
            except ValueError as error:
                raise invalid("resume_token", str(error)) from error
        return {} if request.from_start else await self._projected()

    async def _projected(self) -> dict[TopicPartition, int]:
        offsets = await self._store.next_offsets()
        return {tp: offset for tp, offset in offsets.items() if tp.topic == self._topic}

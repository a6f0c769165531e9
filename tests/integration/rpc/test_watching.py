"""Streams of scores over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import grpc
import pytest

from plimsoll.ports.store import VisibleScore
from plimsoll.v1 import service_pb2
from plimsoll.v1.service_pb2 import WatchConfidencesRequest as Watch
from plimsoll.v1.service_pb2 import WatchConfidencesResponse as Event
from plimsoll.wire.resume_tokens import decode_resume_token
from tests.contracts.rows import P0, batch
from tests.integration.rpc.conftest import Served, Service, query_settings, scored

Stream = grpc.aio.UnaryStreamCall[Watch, Event]


async def next_of(stream: Stream) -> Event:
    """The next message."""
    message = await asyncio.wait_for(stream.read(), 120)
    assert isinstance(message, Event)
    return message


async def scores_of(stream: Stream, count: int) -> tuple[list[str], str]:
    """IDs of the next scores, signs of life left out, and the last token."""
    names: list[str] = []
    token = ""
    while len(names) < count:
        event = await next_of(stream)
        token = event.resume_token
        if event.HasField("record"):
            names.append(event.record.result.result_id)
    return names, token


async def test_a_watch_from_now(service: Service) -> None:
    """The first message is a token; then come only scores that became visible since."""
    await service.store.write(batch(scored("old", 0)))
    stream = service.stub.WatchConfidences(Watch())
    first = await next_of(stream)
    assert not first.HasField("record")
    assert first.resume_token
    await service.store.write(batch(scored("a", 1), scored("b", 0, partition=1)))
    assert (await scores_of(stream, 2))[0] == ["a", "b"]


async def test_a_resumed_watch_neither_skips_nor_repeats(service: Service) -> None:
    """Broken off after any score and resumed, streams together give every score once."""
    await service.store.write(
        batch(*(scored(f"{p}-{n}", n, partition=p) for p in (0, 1) for n in range(30)))
    )
    seen: list[str] = []
    token, taken = "", 0
    while len(seen) < 60:
        taken += 1
        stream = service.stub.WatchConfidences(Watch(resume_token=token, from_start=not token))
        names, token = await scores_of(stream, min(taken, 60 - len(seen)))
        stream.cancel()
        seen += names
    assert len(set(seen)) == len(seen) == 60


async def test_a_filtered_watch_passes_what_does_not_match(service: Service) -> None:
    """Only matching scores are sent, and the tokens go on past the others."""
    await service.store.write(batch(*(scored(f"r{n}", n, model=f"m{n % 3}") for n in range(9))))
    where = service_pb2.ConfidenceFilter(model="m1")
    stream = service.stub.WatchConfidences(Watch(filter=where, from_start=True))
    assert (await scores_of(stream, 3))[0] == ["r1", "r4", "r7"]


async def test_an_idle_watch_gives_signs_of_life(serve_with: Served) -> None:
    """A token comes now and then, and resumes after what did not match the filter."""
    service = await serve_with(query_settings(watch_heartbeat_s=0.05))
    where = service_pb2.ConfidenceFilter(model="none")
    stream = service.stub.WatchConfidences(Watch(filter=where, from_start=True))
    token = (await next_of(stream)).resume_token
    await service.store.write(batch(scored("a", 0)))
    # Those that are sent until it is written tell of the partition, and not of the score.
    while not decode_resume_token(P0.topic, token).get(P0):
        event = await next_of(stream)
        assert not event.HasField("record")
        token = event.resume_token
    await service.store.write(batch(scored("b", 1)))
    again = service.stub.WatchConfidences(Watch(resume_token=token))
    assert (await scores_of(again, 1))[0] == ["b"]


async def test_a_rescore_is_watched_too(service: Service) -> None:
    """A higher revision that becomes visible is an event of its own."""
    stream = service.stub.WatchConfidences(Watch())
    await next_of(stream)
    await service.store.write(batch(scored("a", 0)))
    await scores_of(stream, 1)
    await service.store.write(batch(scored("a", 1, revision=5)))
    event = await next_of(stream)
    assert event.record.position.offset == 1


async def test_a_slow_reader_is_held_back(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read from the store for somebody who does not read; in the end none is missing."""
    bites = 0
    since = service.store.since

    async def counted(*given: Any) -> Sequence[VisibleScore]:
        nonlocal bites
        bites += 1
        return await since(*given)

    monkeypatch.setattr(service.store, "since", counted)
    rows = [scored(f"r{n}", n, padding=200_000) for n in range(200)]
    await service.store.write(batch(*rows))
    stream = service.stub.WatchConfidences(Watch(from_start=True, view=service_pb2.VIEW_FULL))
    await asyncio.sleep(0.5)
    assert bites < 5
    assert (await scores_of(stream, 200))[0] == [f"r{n}" for n in range(200)]


async def admitted(service: Service) -> bool:
    """Whether one more may watch."""
    try:
        await next_of(service.stub.WatchConfidences(Watch()))
    except grpc.aio.AioRpcError:
        return False
    return True


async def test_too_many_watchers(serve_with: Served) -> None:
    """The stream after the last is refused; one that ends makes room."""
    service = await serve_with(query_settings(max_watchers=1))
    first = service.stub.WatchConfidences(Watch())
    await next_of(first)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await service.stub.WatchConfidences(Watch()).read()
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    first.cancel()
    # The service hears of the end a moment later.
    async with asyncio.timeout(120):
        while not await admitted(service):
            pass


async def test_a_wrong_token_is_refused(service: Service) -> None:
    """INVALID_ARGUMENT before anything is sent."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await service.stub.WatchConfidences(Watch(resume_token="nonsense")).read()
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT

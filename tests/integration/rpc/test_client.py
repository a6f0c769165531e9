"""The typed client against a served store."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import grpc
import pytest

from plimsoll.adapters.rpc.answers import ConfidenceRecord, View, WatchEvent
from plimsoll.adapters.rpc.client import ConfidenceClient
from plimsoll.adapters.rpc.failures import (
    DeadLetteredError,
    DeadlineError,
    ExhaustedError,
    InvalidRequestError,
    NotScoredYetError,
    NotSeenError,
    UnavailableError,
)
from plimsoll.adapters.rpc.servicer import SERVICE
from plimsoll.domain.claims import Claim, ClaimGuarantee, ClaimPromise
from plimsoll.domain.errors import FatalError
from plimsoll.domain.feedback import Feedback, FeedbackSource
from plimsoll.ports.store import ScoreFilter
from plimsoll.v1 import score_pb2
from tests.contracts.rows import START, batch, dead, key, score
from tests.integration.rpc.conftest import Served, Service, message, query_settings, scored
from tests.support.asking import patient_client
from tests.support.fake_clock import FakeClock
from tests.support.ports import closed_port


@pytest.fixture
async def client(service: Service) -> AsyncIterator[ConfidenceClient]:
    """A client of the service."""
    async with patient_client(service.settings.query.listen) as one:
        yield one


async def test_a_look_up_brings_domain_values(service: Service, client: ConfidenceClient) -> None:
    """The scored result with its confidence and place, as much of it as the view asks for."""
    await service.store.write(batch(scored("a", 3), scored("a", 4, digest="d1")))
    full = await client.get(key("a"))
    assert full.scored.key == key("a")
    assert full.scored.confidence.estimate is not None
    assert full.scored.confidence.estimate.interval.lower == 0.5
    assert full.scored.scores[0].evidence[0].text == "because"
    assert (full.position.offset, full.input_conflicts) == (3, 1)
    summary = await client.get(key("a"), view=View.SUMMARY)
    assert summary.scored.scores == ()


async def test_marks_of_claims_come_with_every_view_that_has_scores(
    service: Service, client: ConfidenceClient
) -> None:
    """Which claims are kept, and what that promises, is no evidence that a view may leave out."""
    event = message("a")
    marks = event.scores[0].claim_filter
    marks.filter_id = "claims-0"
    marks.promise.guarantee = score_pb2.CLAIM_GUARANTEE_ALL_TRUE
    marks.promise.error_rate, marks.promise.labels = 0.1, 50
    marks.claims.add(start=0, end=18, score=0.9, kept=True)
    marks.claims.add(start=19, end=40, score=0.1)
    await service.store.write(batch(score("a", 3, payload=event.SerializeToString())))
    for view in (View.SCORES, View.FULL):
        found = (await client.get(key("a"), view=view)).scored.scores[0].claim_filter
        assert found is not None
        assert found.promise == ClaimPromise(ClaimGuarantee.ALL_TRUE, 0.1, 50, None)
        assert found.kept == (Claim(0, 18, 0.9, kept=True),)
        assert found.claims[1] == Claim(19, 40, 0.1, kept=False)


async def test_what_is_not_there_has_its_type(service: Service, client: ConfidenceClient) -> None:
    """Not seen, not scored in time and dead are told apart, with the service's facts."""
    with pytest.raises(NotSeenError):
        await client.get(key("a"))
    with pytest.raises(NotScoredYetError) as late:
        await client.get(key("a"), wait=timedelta(milliseconds=50))
    assert late.value.metadata["result_id"] == "a"
    await service.store.write(batch(dead(0, source=4, of=key("a"), reason="too_large")))
    with pytest.raises(DeadLetteredError) as parked:
        await client.get(key("a"))
    assert parked.value.metadata["reason"] == "too_large"
    with pytest.raises(InvalidRequestError) as wrong:
        await client.get(key("a/b"))
    assert set(wrong.value.fields) == {"result_id"}


async def test_a_wait(service: Service, client: ConfidenceClient) -> None:
    """The score comes while the client waits."""
    waiting = asyncio.create_task(client.get(key("a"), wait=timedelta(seconds=300)))
    await asyncio.sleep(0.1)
    await service.store.write(batch(scored("a", 0)))
    assert (await waiting).scored.key == key("a")


async def test_a_batch(service: Service, client: ConfidenceClient) -> None:
    """Records and typed reasons, in the order asked."""
    await service.store.write(batch(scored("a", 0), dead(0, source=4, of=key("d"))))
    found = await client.batch_get("default", ["d", "a", "b"])
    assert [type(one) for one in found] == [DeadLetteredError, ConfidenceRecord, NotSeenError]


async def test_lists_and_catalogue(service: Service, client: ConfidenceClient) -> None:
    """Filters travel, pages go on, metrics come with what they need."""
    await service.store.write(
        batch(*(scored(f"r{n}", n, model=f"m{n % 2}", age_s=-n) for n in range(6)))
    )
    where = ScoreFilter(model="m1", start_time=START, min_lower_bound=0.1)
    first = await client.list(where, page_size=2)
    rest = await client.list(where, page_size=2, page_token=first.next_page_token)
    listed = [one.scored.key.result_id for one in (*first.records, *rest.records)]
    assert (listed, rest.next_page_token) == (["r5", "r3", "r1"], "")
    assert [one.name for one in await client.list_metrics("baseline")] == ["m_two"]


@pytest.mark.parametrize("label", [True, False, 0.0, 0.75])
async def test_labels(service: Service, client: ConfidenceClient, label: bool | float) -> None:
    """A label arrives as it was given, under a name, at its place."""
    receipt = await client.submit_feedback(
        Feedback("", key("a"), label, FeedbackSource.EXECUTION, create_time=START)
    )
    (taken,) = service.labels.taken
    assert (taken.label, type(taken.label)) == (label, type(label))
    assert taken.create_time == START
    assert receipt.feedback_id == taken.feedback_id != ""
    assert receipt.position.topic == "llm.feedback.v1"


async def test_a_watch_outlives_its_service(serve_with: Served) -> None:
    """A service that stops and comes back costs no score and doubles none."""
    query = query_settings()
    first = await serve_with(query)
    await first.store.write(batch(scored("a", 0)))
    events: list[WatchEvent] = []
    seen = asyncio.Event()

    async def watch() -> None:
        async with patient_client(query.listen) as client:
            async for event in client.watch(from_start=True):
                if event.record is not None:
                    events.append(event)
                    seen.set()

    watching = asyncio.create_task(watch())
    await asyncio.wait_for(seen.wait(), 120)
    first.stop.set()
    await first.running
    await first.store.write(batch(scored("b", 1)))
    await serve_with(query)
    while len(events) < 2:
        seen.clear()
        await asyncio.wait_for(seen.wait(), 120)
    watching.cancel()
    await asyncio.wait({watching})
    names = [event.record.scored.key.result_id for event in events if event.record]
    assert names == ["a", "b"]


async def test_a_service_that_is_away() -> None:
    """UnavailableError within the client's own time."""
    with closed_port() as port:
        # Its own time is that of a clock that jumps: an attempt may take what it takes.
        async with ConfidenceClient(
            f"127.0.0.1:{port}", timeout=timedelta(seconds=120), clock=FakeClock()
        ) as client:
            with pytest.raises(UnavailableError):
                await client.get(key("a"))
            with pytest.raises(UnavailableError):
                await anext(client.watch())


async def test_a_service_that_comes_back_is_found(serve_with: Served) -> None:
    """A call that begins before its service does succeeds once it is there."""
    query = query_settings()
    async with ConfidenceClient(query.listen, timeout=timedelta(seconds=120)) as client:
        asking = asyncio.create_task(client.list_metrics())
        await asyncio.sleep(0.2)
        await serve_with(query)
        assert len(await asking) == 2


async def test_calls_that_meet_a_service_that_stops_are_made_again(serve_with: Served) -> None:
    """What a stopping service took up, refuses, or ends unread is answered by the next one."""
    # A call that gRPC takes up while it stops, and hands to nobody, is ended with the grace.
    query = query_settings(drain_timeout_s=0.2)
    service = await serve_with(query)
    for steps in range(12):
        async with AsyncExitStack() as stack:
            # Each has a budget of its own, which lasts for as long as a busy machine takes.
            clients = [
                await stack.enter_async_context(
                    ConfidenceClient(query.listen, timeout=timedelta(seconds=120))
                )
                for _ in range(4)
            ]
            for client in clients:
                await client.list_metrics()
            asking = [asyncio.create_task(client.list_metrics()) for client in clients * 2]
            # The calls are further on their way each time when the service stops.
            for _ in range(steps):
                await asyncio.sleep(0.0002)
            service.stop.set()
            await service.running
            service = await serve_with(query)
            assert [len(found) for found in await asyncio.gather(*asking)] == [2] * 8


async def test_a_call_that_its_service_ends_unread_is_made_again() -> None:
    """CANCELLED of a service is no verdict: the call is made again, and a watch goes on."""
    asked: list[str] = []

    async def catalogue(_: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        asked.append("metrics")
        if len(asked) == 1:
            await context.abort(grpc.StatusCode.CANCELLED, "CANCELLED")
        return b""

    async def watch(
        _: bytes, context: grpc.aio.ServicerContext[bytes, bytes]
    ) -> AsyncIterator[bytes]:
        asked.append("watch")
        if asked.count("watch") == 1:
            await context.abort(grpc.StatusCode.CANCELLED, "CANCELLED")
        yield b""

    server = grpc.aio.server()
    handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        "ListMetrics": grpc.unary_unary_rpc_method_handler(catalogue),
        "WatchConfidences": grpc.unary_stream_rpc_method_handler(watch),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with ConfidenceClient(f"127.0.0.1:{port}", timeout=timedelta(seconds=120)) as client:
        assert await client.list_metrics() == ()
        assert (await anext(client.watch())).record is None
    assert asked == ["metrics", "metrics", "watch", "watch"]
    await server.stop(None)


async def test_too_many_waiters_have_their_type(serve_with: Served) -> None:
    """Too many waiters is ExhaustedError."""
    service = await serve_with(query_settings(max_waiters=1))
    async with patient_client(service.settings.query.listen) as client:
        # Whichever comes first has the place.
        waiting = {
            asyncio.create_task(client.get(key(name), wait=timedelta(seconds=300))) for name in "ab"
        }
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert [type(one.exception()) for one in done] == [ExhaustedError]
        for one in waiting:
            one.cancel()


async def test_no_answer_in_time() -> None:
    """A server that takes the call and says nothing ends in DeadlineError."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = f"127.0.0.1:{silent.getsockname()[1]}"
        async with ConfidenceClient(target, timeout=timedelta(milliseconds=200)) as client:
            with pytest.raises((DeadlineError, UnavailableError)):
                await client.get(key("a"))


async def test_another_service_is_fatal() -> None:
    """A server that does not know the call is not waited for."""
    server = grpc.aio.server()
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with patient_client(f"127.0.0.1:{port}") as client:
        with pytest.raises(FatalError, match="UNIMPLEMENTED"):
            await client.get(key("a"))
    await server.stop(0)

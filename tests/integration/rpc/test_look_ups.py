"""Single and batched look-ups over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import cast

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from plimsoll.v1 import service_pb2
from tests.contracts.rows import batch, dead, key
from tests.integration.rpc.conftest import Served, Service, message, query_settings, scored


def seconds(value: float) -> Duration:
    """As protobuf has it."""
    duration = Duration()
    duration.FromTimedelta(timedelta(seconds=value))
    return duration


def ask(
    result_id: str, wait_s: float | None = None, **more: object
) -> service_pb2.GetConfidenceRequest:
    """A GetConfidenceRequest."""
    request = service_pb2.GetConfidenceRequest(result_id=result_id, **more)  # type: ignore[arg-type]  # handed through
    if wait_s is not None:
        request.wait.CopyFrom(seconds(wait_s))
    return request


def details(error: grpc.aio.AioRpcError) -> dict[str, Message]:
    """The details of google.rpc by their short names."""
    status = rpc_status.from_call(cast(grpc.Call, error))
    found: dict[str, Message] = {}
    for packed in status.details:
        kind = getattr(error_details_pb2, packed.TypeName().rpartition(".")[2])
        value = kind()
        packed.Unpack(value)
        found[kind.DESCRIPTOR.name] = value
    return found


async def failure(call: Awaitable[object]) -> grpc.aio.AioRpcError:
    """The status that a call ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value


async def said_in_time(call: Callable[[], Awaitable[object]]) -> grpc.aio.AioRpcError:
    """What the service says ahead of the call's deadline.

    A machine that stands still just then lets the deadline pass, so the call is made again.
    """
    for _ in range(20):
        error = await failure(call())
        if error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED:
            return error
    raise AssertionError("the service never answers ahead of a call's deadline")


async def test_views(service: Service) -> None:
    """FULL is what was published; SCORES drops evidence and observation, SUMMARY the scores."""
    await service.store.write(batch(scored("a", 0), scored("a", 1, digest="d1")))
    full = await service.stub.GetConfidence(ask("a", view=service_pb2.VIEW_FULL))
    assert full.record.result == message("a")
    assert (full.record.position.partition, full.record.position.offset) == (0, 0)
    assert full.record.input_conflicts == 1
    scores = await service.stub.GetConfidence(ask("a", view=service_pb2.VIEW_SCORES))
    (one,) = scores.record.result.scores
    assert (one.metric, one.value, one.provenance_hash) == ("m_one", 0.25, "h")
    assert not one.evidence
    assert not one.provenance
    assert not scores.record.result.HasField("observation")
    summary = await service.stub.GetConfidence(ask("a"))
    assert not summary.record.result.scores
    assert summary.record.result.confidence.value.point == pytest.approx(0.7)


async def test_an_unknown_id_says_what_was_looked_for(service: Service) -> None:
    """NOT_FOUND names the key, how far the store is, and carries ErrorInfo and ResourceInfo."""
    await service.store.write(batch(scored("a", 41)))
    error = await failure(service.stub.GetConfidence(ask("b", tenant="t-1")))
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert "t-1/b" in (error.details() or "")
    assert "has projected records of 1 of 3 partitions" in (error.details() or "")
    info, resource = details(error)["ErrorInfo"], details(error)["ResourceInfo"]
    assert isinstance(info, error_details_pb2.ErrorInfo)
    assert isinstance(resource, error_details_pb2.ResourceInfo)
    assert (info.reason, info.metadata["result_id"]) == ("NOT_SEEN", "b")
    assert "llm.scores.v1-0@42" in info.metadata["projected"]
    assert resource.resource_name == "t-1/b"


async def test_a_dead_letter_says_why(service: Service) -> None:
    """FAILED_PRECONDITION with the reason and the place of the source record."""
    await service.store.write(batch(dead(0, source=7, of=key("a"), reason="too_large")))
    error = await failure(service.stub.GetConfidence(ask("a", wait_s=5)))
    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    info = details(error)["ErrorInfo"]
    assert isinstance(info, error_details_pb2.ErrorInfo)
    assert (info.reason, info.metadata["reason"]) == ("DEAD_LETTER", "too_large")
    assert info.metadata["source"] == "llm.results.v1-0@7#0"


async def test_a_score_stands_above_a_dead_letter(service: Service) -> None:
    """A result that was mended and scored is found, whatever it was before."""
    await service.store.write(batch(dead(0, source=7, of=key("a")), scored("a", 0)))
    found = await service.stub.GetConfidence(ask("a"))
    assert found.record.result.result_id == "a"


async def test_a_wait_ends_when_the_score_comes(service: Service) -> None:
    """Many calls wait for one score and for different ones; each gets its own."""
    calls = [service.stub.GetConfidence(ask(name, wait_s=300)) for name in ("a", "a", "b")]
    await asyncio.sleep(0.1)
    await service.store.write(batch(scored("a", 0)))
    await service.store.write(batch(scored("b", 1)))
    found = await asyncio.gather(*calls)
    assert [one.record.result.result_id for one in found] == ["a", "a", "b"]


async def test_a_wait_ends_when_a_dead_letter_comes(service: Service) -> None:
    """Whoever waits for a result that ends in the dead letters learns so at once."""
    call = service.stub.GetConfidence(ask("a", wait_s=300))
    await asyncio.sleep(0.05)
    await service.store.write(batch(dead(0, source=7, of=key("a"))))
    assert (await failure(call)).code() is grpc.StatusCode.FAILED_PRECONDITION


@pytest.mark.parametrize(("wait_s", "timeout_s"), [(0.05, None), (30, 0.5)])
async def test_a_wait_that_expires(
    service: Service, wait_s: float, timeout_s: float | None
) -> None:
    """NOT_FOUND with NOT_SCORED_YET, by the wait or ahead of the call's own deadline."""
    error = await said_in_time(
        lambda: service.stub.GetConfidence(ask("a", wait_s), timeout=timeout_s)
    )
    assert error.code() is grpc.StatusCode.NOT_FOUND
    info = details(error)["ErrorInfo"]
    assert isinstance(info, error_details_pb2.ErrorInfo)
    assert info.reason == "NOT_SCORED_YET"


async def found_or_not(
    service: Service,
) -> service_pb2.GetConfidenceResponse | grpc.aio.AioRpcError:
    """What comes of a call that would wait for "a"."""
    try:
        return await service.stub.GetConfidence(ask("a", wait_s=300))
    except grpc.aio.AioRpcError as error:
        return error


async def test_too_many_waiters(serve_with: Served) -> None:
    """The call after the last that may wait is refused; those before go on."""
    service = await serve_with(query_settings(max_waiters=1))
    # Whichever comes first has the place.
    calls = {asyncio.ensure_future(found_or_not(service)) for _ in range(2)}
    done, waiting = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
    [error] = [one.result() for one in done]
    assert isinstance(error, grpc.aio.AioRpcError)
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert set(details(error)) == {"QuotaFailure", "RetryInfo"}
    await service.store.write(batch(scored("a", 0)))
    [found] = [await one for one in waiting]
    assert isinstance(found, service_pb2.GetConfidenceResponse)
    assert found.record.result.result_id == "a"


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (ask(""), "result_id"),
        (ask("a/b"), "result_id"),
        (ask("x" * 129), "result_id"),
        (ask("a", tenant="UPPER"), "tenant"),
        (ask("a", wait_s=-1), "wait"),
        (ask("a", view=9), "view"),
    ],
)
async def test_a_wrong_request_names_its_field(
    service: Service, request_: service_pb2.GetConfidenceRequest, field: str
) -> None:
    """INVALID_ARGUMENT with one violation that names the field."""
    error = await failure(service.stub.GetConfidence(request_))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    bad = details(error)["BadRequest"]
    assert isinstance(bad, error_details_pb2.BadRequest)
    assert [violation.field for violation in bad.field_violations] == [field]


async def test_bytes_that_are_no_request(service: Service) -> None:
    """Garbage is INVALID_ARGUMENT, not an error of ours."""
    call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]
    call = service.channel.unary_unary("/plimsoll.v1.ConfidenceService/GetConfidence")
    assert (await failure(call(b"\xff\xff"))).code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_batch_answers_each_id_in_its_place(service: Service) -> None:
    """Found, unknown, dead, malformed and repeated IDs each have their own item."""
    await service.store.write(batch(scored("a", 0), dead(0, source=3, of=key("d"))))
    reply = await service.stub.BatchGetConfidence(
        service_pb2.BatchGetConfidenceRequest(
            result_ids=["a", "b", "d", "no/good", "", "a"], view=service_pb2.VIEW_FULL
        )
    )
    assert [item.result_id for item in reply.items] == ["a", "b", "d", "no/good", "", "a"]
    codes = [item.error.code if item.HasField("error") else 0 for item in reply.items]
    assert codes == [0, 5, 9, 3, 3, 0]
    assert [item.error.reason for item in reply.items[1:3]] == ["NOT_SEEN", "DEAD_LETTER"]
    assert reply.items[5].record.result == message("a")


@pytest.mark.parametrize("count", [0, 101])
async def test_a_batch_has_its_bounds(service: Service, count: int) -> None:
    """None and more than a hundred IDs are refused."""
    request = service_pb2.BatchGetConfidenceRequest(result_ids=[f"r{n}" for n in range(count)])
    error = await failure(service.stub.BatchGetConfidence(request))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_full_batch(service: Service) -> None:
    """A hundred IDs come back in order."""
    await service.store.write(batch(*(scored(f"r{n}", n) for n in range(100))))
    names = [f"r{n}" for n in reversed(range(100))]
    reply = await service.stub.BatchGetConfidence(
        service_pb2.BatchGetConfidenceRequest(result_ids=names)
    )
    assert [item.record.result.result_id for item in reply.items] == names


async def test_pages(service: Service) -> None:
    """Pages run through everything newest first; a token under another filter is refused."""
    await service.store.write(batch(*(scored(f"r{n}", n, age_s=-n) for n in range(5))))
    first = await service.stub.ListConfidences(service_pb2.ListConfidencesRequest(page_size=3))
    second = await service.stub.ListConfidences(
        service_pb2.ListConfidencesRequest(page_size=3, page_token=first.next_page_token)
    )
    listed = [record.result.result_id for record in (*first.records, *second.records)]
    assert listed == ["r4", "r3", "r2", "r1", "r0"]
    assert second.next_page_token == ""
    other = service_pb2.ListConfidencesRequest(
        filter=service_pb2.ConfidenceFilter(tenant="t"), page_token=first.next_page_token
    )
    error = await failure(service.stub.ListConfidences(other))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    "wrong",
    [
        service_pb2.ListConfidencesRequest(page_size=-1),
        service_pb2.ListConfidencesRequest(page_size=1001),
        service_pb2.ListConfidencesRequest(page_token="nonsense"),
        service_pb2.ListConfidencesRequest(
            filter=service_pb2.ConfidenceFilter(min_lower_bound=float("nan"))
        ),
        service_pb2.ListConfidencesRequest(filter=service_pb2.ConfidenceFilter(tenant="A B")),
    ],
)
async def test_a_wrong_list_is_refused(
    service: Service, wrong: service_pb2.ListConfidencesRequest
) -> None:
    """Sizes, tokens, bounds and tenants are checked."""
    error = await failure(service.stub.ListConfidences(wrong))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "BadRequest" in details(error)

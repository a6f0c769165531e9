"""The service around the look-ups: catalogue, labels, health, reflection, faults, stopping."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from plimsoll.adapters.rpc.probes import ProbePort
from plimsoll.domain.errors import ConfigurationError, DataRefusedError, FatalError, RetryableError
from plimsoll.domain.feedback import FeedbackSource
from plimsoll.domain.identity import ResultKey
from plimsoll.ports.store import VisibleScore
from plimsoll.ports.telemetry import QUERY_CALLS
from plimsoll.settings.access import AccessMode, AccessSettings
from plimsoll.v1 import feedback_pb2, service_pb2, service_pb2_grpc
from tests.contracts.rows import batch
from tests.integration.rpc.conftest import Served, Service, query_settings, scored
from tests.integration.rpc.test_look_ups import ask, details, failure, said_in_time
from tests.support.ports import free_port

NAME = "plimsoll.v1.ConfidenceService"
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def label(**more: object) -> service_pb2.SubmitFeedbackRequest:
    """A label that is right unless something else is said."""
    given = {"result_id": "a", "correct": True, "source": feedback_pb2.FEEDBACK_SOURCE_HUMAN}
    feedback = feedback_pb2.Feedback(**{**given, **more})  # type: ignore[arg-type]  # handed through
    return service_pb2.SubmitFeedbackRequest(feedback=feedback)


def unlabelled(grade: float | None = None) -> service_pb2.SubmitFeedbackRequest:
    """A label that says nothing unless a grade is given."""
    feedback = feedback_pb2.Feedback(result_id="a")
    if grade is not None:
        feedback.grade = grade
    return service_pb2.SubmitFeedbackRequest(feedback=feedback)


async def reflected(service: Service) -> set[str]:
    """Names of services, as a generic client asks for them."""
    call: Any = service.channel.stream_stream(
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
    reply = await call.read()
    return {one.name for one in reply.list_services_response.service}


async def refused_reflection(service: Service) -> grpc.StatusCode:
    """How a service without reflection ends the call; its one message cannot come too late."""
    call: Any = service.channel.unary_unary(
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
    )
    return (await failure(call(b""))).code()


async def test_the_catalogue(service: Service) -> None:
    """Every metric with what it needs; one family where it is named; a wrong one is refused."""
    everything = await service.stub.ListMetrics(service_pb2.ListMetricsRequest())
    assert [one.name for one in everything.metrics] == ["m_one", "m_two"]
    assert list(everything.metrics[0].needs) == ["response.tokens.logprobs"]
    assert everything.metrics[1].baseline
    some = await service.stub.ListMetrics(service_pb2.ListMetricsRequest(family="baseline"))
    assert [one.name for one in some.metrics] == ["m_two"]
    error = await failure(service.stub.ListMetrics(service_pb2.ListMetricsRequest(family="x")))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_label_is_answered_with_its_place(service: Service) -> None:
    """After the broker's acknowledgement; an empty feedback_id gets one."""
    reply = await service.stub.SubmitFeedback(label(rater="r-1"))
    assert (reply.position.topic, reply.position.partition) == ("llm.feedback.v1", 2)
    (taken,) = service.labels.taken
    assert taken.feedback_id == reply.feedback_id != ""
    assert (taken.label, taken.source, taken.rater) == (True, FeedbackSource.HUMAN, "r-1")
    assert taken.create_time is not None
    named = await service.stub.SubmitFeedback(label(feedback_id="f-1"))
    assert named.feedback_id == "f-1"


@pytest.mark.parametrize("grade", [0.0, 0.25, 1.0])
async def test_a_grade(service: Service, grade: float) -> None:
    """A grade in [0, 1] is a label too; 0 is a grade and not nothing."""
    await service.stub.SubmitFeedback(unlabelled(grade=grade))
    assert service.labels.taken[0].label == grade


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (label(result_id="a b"), "feedback.result_id"),
        (label(tenant="A"), "feedback.tenant"),
        (label(source=77), "feedback.source"),
        (label(create_time=Timestamp(seconds=2**60)), "feedback.create_time"),
        (label(feedback_id="f" * 129), "feedback.feedback_id"),
        (label(comment="c" * 10_001), "feedback.comment"),
        (unlabelled(), "feedback.label"),
        (unlabelled(grade=1.5), "feedback.grade"),
        (unlabelled(grade=float("nan")), "feedback.grade"),
    ],
)
async def test_a_wrong_label_names_its_field(
    service: Service, wrong: service_pb2.SubmitFeedbackRequest, field: str
) -> None:
    """INVALID_ARGUMENT, and nothing is published."""
    error = await failure(service.stub.SubmitFeedback(wrong))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    bad = details(error)["BadRequest"]
    assert isinstance(bad, error_details_pb2.BadRequest)
    assert bad.field_violations[0].field == field
    assert service.labels.taken == []


async def test_a_label_while_the_broker_is_away(service: Service) -> None:
    """UNAVAILABLE with a delay, where it says so and where it says nothing."""
    service.labels.fault = RetryableError("no broker")
    error = await failure(service.stub.SubmitFeedback(label()))
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert "RetryInfo" in details(error)
    service.labels.away = True
    error = await said_in_time(
        lambda: service.stub.SubmitFeedback(label(feedback_id="f-9"), timeout=0.5)
    )
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert "f-9" in (error.details() or "")


async def test_a_label_that_brokers_refuse_for_good_ends_no_look_ups(service: Service) -> None:
    """A service without the right to publish labels says so to who sends one, and serves on."""
    service.labels.fault = FatalError("sending to llm.feedback.v1: not authorized")
    error = await failure(service.stub.SubmitFeedback(label(feedback_id="f-8")))
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert "f-8" in (error.details() or "")
    assert "authorized" not in (error.details() or "")
    service.labels.fault = None
    await service.stub.SubmitFeedback(label(feedback_id="f-8"))
    assert [taken.feedback_id for taken in service.labels.taken] == ["f-8"]


async def test_reflection_lists_the_service(service: Service) -> None:
    """A generic client finds it by reflection."""
    assert {NAME, "grpc.health.v1.Health"} <= await reflected(service)


async def test_no_reflection_where_callers_are_asked(serve_with: Served) -> None:
    """A service that asks who calls shows strangers nothing, unless it is told to."""
    access = AccessSettings(mode=AccessMode.OIDC, issuer="https://i.example", audience="a")
    quiet = await serve_with(query_settings(), access)
    assert await refused_reflection(quiet) is grpc.StatusCode.UNIMPLEMENTED
    assert NAME in await reflected(await serve_with(query_settings(reflection=True), access))


async def test_no_reflection_where_it_is_off(serve_with: Served) -> None:
    """The setting takes the reflection service away."""
    service = await serve_with(query_settings(reflection=False))
    assert await refused_reflection(service) is grpc.StatusCode.UNIMPLEMENTED


async def test_health_turns_first(service: Service) -> None:
    """Serving, until it stops: then NOT_SERVING is told while calls in flight still end well."""
    stub: Any = health_pb2_grpc.HealthStub(service.channel)
    told = stub.Watch(health_pb2.HealthCheckRequest(service=NAME))
    assert (await told.read()).status == health_pb2.HealthCheckResponse.SERVING
    service.stop.set()
    assert (await told.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING


async def test_stopping_lets_everybody_go(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiters and watchers end with UNAVAILABLE at once, and the service ends well."""
    arrived, get = asyncio.Event(), service.store.get

    async def told(keys: Sequence[ResultKey]) -> Mapping[ResultKey, VisibleScore]:
        arrived.set()
        return await get(keys)

    monkeypatch.setattr(service.store, "get", told)
    waiting = service.stub.GetConfidence(ask("a", wait_s=300))
    stream = service.stub.WatchConfidences(service_pb2.WatchConfidencesRequest())
    await stream.read()
    async with asyncio.timeout(120):
        await arrived.wait()
    service.stop.set()
    assert (await failure(waiting)).code() is grpc.StatusCode.UNAVAILABLE
    with pytest.raises(grpc.aio.AioRpcError) as ended:
        await stream.read()
    assert ended.value.code() is grpc.StatusCode.UNAVAILABLE
    await service.running


async def test_a_store_that_is_away(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """UNAVAILABLE with the store's own delay; the service goes on and answers once it is back."""
    await service.store.write(batch(scored("a", 0)))

    async def away(_: object) -> None:
        raise RetryableError("the disk is busy")

    with monkeypatch.context() as patch:
        patch.setattr(service.store, "get", away)
        error = await failure(service.stub.GetConfidence(ask("a")))
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert "RetryInfo" in details(error)
    assert (await service.stub.GetConfidence(ask("a"))).record.result.result_id == "a"


async def test_a_value_that_the_store_refuses_ends_its_call_alone(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller hears INTERNAL without the store's words; others are answered as before."""
    await service.store.write(batch(scored("a", 0)))

    async def refused(_: object) -> None:
        raise DataRefusedError("database secret:5432/place refuses a value")

    with monkeypatch.context() as patch:
        patch.setattr(service.store, "get", refused)
        error = await failure(service.stub.GetConfidence(ask("a")))
    assert error.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in (error.details() or "")
    assert (await service.stub.GetConfidence(ask("a"))).record.result.result_id == "a"
    assert not service.running.done()


async def test_a_fatal_store_ends_the_service(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller hears UNAVAILABLE without the file's name; the service stops with the error."""

    async def broken(_: object) -> None:
        raise FatalError("store /secret/place is damaged")

    monkeypatch.setattr(service.store, "get", broken)
    error = await failure(service.stub.GetConfidence(ask("a")))
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert "secret" not in (error.details() or "")
    with pytest.raises(FatalError, match="damaged"):
        await service.running


async def test_calls_are_counted_by_their_end(service: Service) -> None:
    """One figure per call and code, good or bad."""
    await service.store.write(batch(scored("a", 0)))
    await service.stub.GetConfidence(ask("a"))
    await failure(service.stub.GetConfidence(ask("b")))
    await service.stub.ListMetrics(service_pb2.ListMetricsRequest())
    calls = {key: n for key, n in service.figures.totals.items() if key[0] == QUERY_CALLS.name}
    assert calls == {
        (QUERY_CALLS.name, "GetConfidence", "OK"): 1,
        (QUERY_CALLS.name, "GetConfidence", "NOT_FOUND"): 1,
        (QUERY_CALLS.name, "ListMetrics", "OK"): 1,
    }


async def test_a_port_that_is_taken(serve_with: Served) -> None:
    """ConfigurationError that names the address."""
    first = await serve_with(query_settings())
    second = await serve_with(query_settings(listen=first.settings.query.listen))
    with pytest.raises(ConfigurationError, match=r"query\.listen"):
        await second.running


async def test_a_request_that_is_too_large(service: Service) -> None:
    """More than a mebibyte is refused before it is read."""
    error = await failure(service.stub.GetConfidence(ask("x" * 1_100_000)))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def probe(listen: str, service: str) -> int:
    """What the port for probes says of a service."""
    async with grpc.aio.insecure_channel(listen) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        return int((await stub.Check(health_pb2.HealthCheckRequest(service=service))).status)


async def test_a_port_for_probes(serve_with: Served) -> None:
    """It tells liveness and readiness apart: one that drains is not ready, and is not dead."""
    listen = f"127.0.0.1:{free_port()}"
    service = await serve_with(query_settings(health_listen=listen))
    assert await probe(listen, "liveness") == SERVING
    assert await probe(listen, "readiness") == SERVING
    assert service.figures.totals["plimsoll_ready",] == 1
    stream = service.stub.WatchConfidences(service_pb2.WatchConfidencesRequest())
    await stream.read()
    stopped = asyncio.ensure_future(service.running)
    service.stop.set()
    with pytest.raises(grpc.aio.AioRpcError):
        await stream.read()
    await stopped
    assert service.figures.totals["plimsoll_ready",] == 0


async def test_readiness_comes_after_life_and_goes_before_it() -> None:
    """Until a start is announced, and once a stop is, it is NOT_SERVING and liveness SERVING."""
    port = ProbePort("127.0.0.1:0")
    await port.start()
    listen = f"127.0.0.1:{port.port}"
    assert await probe(listen, "readiness") == NOT_SERVING
    assert await probe(listen, "liveness") == SERVING
    await port.announce_start()
    assert await probe(listen, "readiness") == SERVING
    await port.announce_stop()
    assert await probe(listen, "readiness") == NOT_SERVING
    assert await probe(listen, "liveness") == SERVING
    await port.stop()


async def test_a_port_for_probes_serves_nothing_else(serve_with: Served) -> None:
    """Look-ups are not answered there, and an unknown service is NOT_FOUND."""
    listen = f"127.0.0.1:{free_port()}"
    await serve_with(query_settings(health_listen=listen))
    async with grpc.aio.insecure_channel(listen) as channel:
        stub = service_pb2_grpc.ConfidenceServiceStub(channel)
        error = await failure(stub.ListMetrics(service_pb2.ListMetricsRequest()))
        assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    with pytest.raises(grpc.aio.AioRpcError) as unknown:
        await probe(listen, "nobody")
    assert unknown.value.code() is grpc.StatusCode.NOT_FOUND


async def test_an_address_for_probes_that_is_taken(serve_with: Served) -> None:
    """The setting is named."""
    listen = f"127.0.0.1:{free_port()}"
    await serve_with(query_settings(health_listen=listen))
    with pytest.raises(ConfigurationError, match=r"query\.health_listen"):
        await ProbePort(listen).start()


async def test_connections_grow_old_and_calls_do_not_notice(serve_with: Served) -> None:
    """A connection is let go after its time; a watch on it goes on, and so do later calls."""
    service = await serve_with(query_settings(max_connection_age_s=0.5, watch_heartbeat_s=0.2))
    stream = service.stub.WatchConfidences(service_pb2.WatchConfidencesRequest())
    await stream.read()
    await service.channel.wait_for_state_change(grpc.ChannelConnectivity.READY)
    await service.stub.ListMetrics(service_pb2.ListMetricsRequest())
    await stream.read()
    stream.cancel()

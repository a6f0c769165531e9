"""Who may ask what: every method, for every tenant, with every kind of credential."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message

from plimsoll.domain.errors import FatalError
from plimsoll.settings.access import AccessMode, AccessSettings
from plimsoll.v1 import feedback_pb2, service_pb2
from tests.contracts.rows import batch, dead, key, score
from tests.integration.rpc.conftest import Served, Service, message, query_settings
from tests.integration.rpc.credentials import CREDENTIALS, Credential, Metadata
from tests.support.issuer import AUDIENCE, Issuer, issuing

OK, DENIED = grpc.StatusCode.OK, grpc.StatusCode.PERMISSION_DENIED
UNKNOWN, INVALID = grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.INVALID_ARGUMENT
NOT_FOUND = grpc.StatusCode.NOT_FOUND
CODES = {code.value[0]: code for code in grpc.StatusCode}
METHODS = tuple(
    method.name for method in service_pb2.DESCRIPTOR.services_by_name["ConfidenceService"].methods
)
SECRETS = {"alpha": "what-only-alpha-knows", "beta": "what-only-beta-knows"}


TENANTS = ("alpha", "beta", "gamma", "", "Not a tenant")


def request_for(method: str, tenant: str) -> Message:
    """What asks for results of a tenant."""
    where = service_pb2.ConfidenceFilter(tenant=tenant)
    match method:
        case "GetConfidence":
            return service_pb2.GetConfidenceRequest(
                tenant=tenant, result_id="r", view=service_pb2.VIEW_FULL
            )
        case "BatchGetConfidence":
            return service_pb2.BatchGetConfidenceRequest(
                tenant=tenant, result_ids=["r", "d", "x"], view=service_pb2.VIEW_FULL
            )
        case "WatchConfidences":
            return service_pb2.WatchConfidencesRequest(
                filter=where, from_start=True, view=service_pb2.VIEW_FULL
            )
        case "ListConfidences":
            return service_pb2.ListConfidencesRequest(filter=where, view=service_pb2.VIEW_FULL)
        case "ListMetrics":
            return service_pb2.ListMetricsRequest()
        case "SubmitFeedback":
            label = feedback_pb2.Feedback(tenant=tenant, result_id="r", correct=True)
            label.source = feedback_pb2.FEEDBACK_SOURCE_HUMAN
            return service_pb2.SubmitFeedbackRequest(feedback=label)
    raise AssertionError(f"{method} is not in the matrix: say who may call it")


def expected(method: str, tenant: str, credential: Credential) -> grpc.StatusCode:
    """The rule, written anew: who is unknown gets nothing, who is known their tenants only."""
    if not credential.known or method == "ListMetrics":
        return OK if credential.known else UNKNOWN
    if tenant == "Not a tenant":
        return INVALID
    if method in {"ListConfidences", "WatchConfidences"}:
        return expected_of_lists(tenant, credential)
    named = tenant or "default"
    may_see = credential.everything or named in (credential.tenants or ())
    if not may_see or (method == "SubmitFeedback" and not credential.labels):
        return DENIED
    return NOT_FOUND if method == "GetConfidence" and named not in SECRETS else OK


def expected_of_lists(tenant: str, credential: Credential) -> grpc.StatusCode:
    """Whoever names no tenant means their only one; with several they have to say which."""
    if credential.everything:
        return OK
    tenants = credential.tenants or frozenset()
    if not tenant:
        return {0: DENIED, 1: OK}.get(len(tenants), INVALID)
    return OK if tenant in tenants else DENIED


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    """An issuer on a socket."""
    async with issuing() as one:
        yield one


@pytest.fixture
async def service(serve_with: Served, issuer: Issuer) -> Service:
    """A service that knows two tenants' results, and callers by their tokens."""
    access = AccessSettings(mode=AccessMode.OIDC, issuer=issuer.url, audience=AUDIENCE, audit=False)
    one = await serve_with(query_settings(watch_heartbeat_s=0.05), access)
    rows = []
    for offset, tenant in enumerate(SECRETS):
        event = message("r", tenant)
        event.scores[0].evidence[0].text = SECRETS[tenant]
        rows.append(score("r", offset, tenant=tenant, payload=event.SerializeToString()))
    letters = [
        replace(dead(offset, source=offset, of=key("d", tenant)), detail=SECRETS[tenant])
        for offset, tenant in enumerate(SECRETS)
    ]
    await one.store.write(batch(*rows, *letters))
    return one


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ended, and every byte that came back."""

    code: grpc.StatusCode
    said: bytes


async def call(service: Service, method: str, data: bytes, metadata: Metadata) -> Answer:
    """One call, as bytes; a stream is read until its first sign of life after the scores."""
    path = f"/plimsoll.v1.ConfidenceService/{method}"
    said = b""
    if method == "WatchConfidences":
        open_stream: Any = service.channel.unary_stream(path)
        stream = open_stream(data, metadata=metadata, timeout=120)
        try:
            for _ in range(4):
                reply = await stream.read()
                if reply is grpc.aio.EOF:
                    break
                said += reply
        except grpc.aio.AioRpcError as error:
            return Answer(error.code(), said + told(error))
        stream.cancel()
        return Answer(OK, said)
    try:
        ask: Any = service.channel.unary_unary(path)
        said = await ask(data, metadata=metadata, timeout=120)
    except grpc.aio.AioRpcError as error:
        return Answer(error.code(), told(error))
    return Answer(OK, said)


def told(error: grpc.aio.AioRpcError) -> bytes:
    """What a status says, its details included."""
    trailing = b"".join(
        value if isinstance(value, bytes) else value.encode()
        for _, value in error.trailing_metadata()
    )
    return (error.details() or "").encode() + trailing


def leaks(answer: Answer, credential: Credential) -> list[str]:
    """Tenants whose secrets are in an answer to somebody who may not see them."""
    seen = frozenset(SECRETS) if credential.everything else credential.tenants or frozenset()
    return [
        tenant
        for tenant, secret in SECRETS.items()
        if tenant not in seen and secret.encode() in answer.said
    ]


@pytest.mark.parametrize("name", CREDENTIALS)
async def test_the_matrix(service: Service, issuer: Issuer, name: str) -> None:
    """Each method for each tenant answers a credential as the rule says, and leaks nothing."""
    credential = CREDENTIALS[name]
    wrong = []
    for method, tenant in product(METHODS, TENANTS):
        data = request_for(method, tenant).SerializeToString()
        answer = await call(service, method, data, credential.metadata(issuer))
        if answer.code is not expected(method, tenant, credential) or leaks(answer, credential):
            wrong.append((method, tenant, answer))
    assert wrong == []
    # What a credential does not allow has not been published either.
    allowed = credential.tenants if not credential.everything else {*TENANTS[:3], "default"}
    expected_labels = set(allowed or ()) if credential.labels else set()
    assert {label.key.tenant for label in service.labels.taken} == expected_labels


async def test_the_secrets_are_there_to_be_leaked(service: Service, issuer: Issuer) -> None:
    """Whoever may see everything gets both secrets by every way that results are read."""
    metadata = CREDENTIALS["all"].metadata(issuer)
    for method in ("WatchConfidences", "ListConfidences"):
        answer = await call(service, method, request_for(method, "").SerializeToString(), metadata)
        assert all(secret.encode() in answer.said for secret in SECRETS.values())
    for tenant, secret in SECRETS.items():
        for method in ("GetConfidence", "BatchGetConfidence"):
            data = request_for(method, tenant).SerializeToString()
            assert secret.encode() in (await call(service, method, data, metadata)).said


async def test_a_tenant_that_exists_is_refused_like_one_that_does_not(
    service: Service, issuer: Issuer
) -> None:
    """The words differ in the name that the caller sent, and in nothing else."""
    metadata = CREDENTIALS["alpha"].metadata(issuer)
    for method in METHODS:
        if method != "ListMetrics":
            there, gone = [
                await call(service, method, request_for(method, t).SerializeToString(), metadata)
                for t in ("beta", "zeta")
            ]
            assert there.said.replace(b"beta", b"zeta") == gone.said


async def test_how_far_others_are_is_not_told(service: Service, issuer: Issuer) -> None:
    """Offsets count everybody's results: one tenant's caller does not see them in a NOT_FOUND."""
    data = service_pb2.GetConfidenceRequest(tenant="alpha", result_id="x").SerializeToString()
    for name, tells in (("alpha", False), ("all", True)):
        metadata = CREDENTIALS[name].metadata(issuer)
        answer = await call(service, "GetConfidence", data, metadata)
        assert (b"llm.scores.v1-0@" in answer.said) is tells


async def test_a_label_bears_its_senders_name(service: Service, issuer: Issuer) -> None:
    """Where none is given, the rater is who the token says."""
    metadata = CREDENTIALS["alpha labels"].metadata(issuer)
    data = request_for("SubmitFeedback", "alpha").SerializeToString()
    assert (await call(service, "SubmitFeedback", data, metadata)).code is OK
    assert [label.rater for label in service.labels.taken] == ["somebody"]


def _fuzzed(rng: random.Random, method: str) -> bytes:
    """A request of a method, right or bent: fields from everywhere, bytes flipped or cut."""
    data = bytearray(request_for(method, rng.choice(TENANTS)).SerializeToString())
    if rng.random() < 0.3:
        data += request_for(rng.choice(METHODS), rng.choice(TENANTS)).SerializeToString()
    for _ in range(rng.choice((0, 0, 1, 3))):
        if data:
            data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data[: rng.randrange(len(data) + 1)] if rng.random() < 0.1 else data)


async def test_ten_thousand_bent_requests_leak_nothing(service: Service, issuer: Issuer) -> None:
    """However a request is bent, no byte of one tenant reaches a caller of another."""
    rng = random.Random(20_260)
    names = sorted(CREDENTIALS)
    metadata = {name: CREDENTIALS[name].metadata(issuer) for name in names}
    unary = [method for method in METHODS if method != "WatchConfidences"]
    codes: set[grpc.StatusCode] = set()

    async def one(name: str, method: str, data: bytes) -> list[str]:
        answer = await call(service, method, data, metadata[name])
        codes.add(answer.code)
        assert CREDENTIALS[name].known or answer.code is UNKNOWN
        return leaks(answer, CREDENTIALS[name])

    for round_ in range(100):
        calls = []
        for index in range(100):
            method = "WatchConfidences" if index == round_ % 100 else rng.choice(unary)
            calls.append(one(rng.choice(names), method, _fuzzed(rng, method)))
        assert [leak for leak in await asyncio.gather(*calls) if leak] == []
    assert codes >= {OK, DENIED, UNKNOWN, INVALID, NOT_FOUND}
    assert not codes & {grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL}


async def test_the_service_goes_on_when_labels_cannot(serve_with: Served, issuer: Issuer) -> None:
    """A topic that refuses the service's labels ends the call and not the door."""
    access = AccessSettings(mode=AccessMode.OIDC, issuer=issuer.url, audience=AUDIENCE)
    service = await serve_with(query_settings(), access)
    service.labels.fault = FatalError("not authorised to write")
    data = request_for("SubmitFeedback", "alpha").SerializeToString()
    metadata = CREDENTIALS["alpha labels"].metadata(issuer)
    answer = await call(service, "SubmitFeedback", data, metadata)
    assert (answer.code, b"authorised" in answer.said) == (grpc.StatusCode.UNAVAILABLE, False)

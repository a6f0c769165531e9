"""TLS on a real socket: certificates of both sides, their renewal, and tokens over it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from cryptography import x509
from structlog.testing import capture_logs

from plimsoll.adapters.rpc.client import ConfidenceClient, open_client
from plimsoll.adapters.rpc.failures import NotSeenError, UnavailableError
from plimsoll.domain.errors import ConfigurationError, FatalError
from plimsoll.ports.store import ScoreFilter
from plimsoll.ports.telemetry import CERTIFICATE_EXPIRY
from plimsoll.sdk import Missing, Plimsoll
from plimsoll.settings.access import AccessMode, AccessSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.sdk import SdkSettings
from tests.contracts.rows import batch, key
from tests.integration.rpc.conftest import Served, query_settings, scored
from tests.support.certificates import Authority, Files
from tests.support.fake_clock import FakeClock
from tests.support.issuer import AUDIENCE, Issuer, issuing

LOCAL = x509.DNSName("localhost")
HERE = x509.IPAddress(IPv4Address("127.0.0.1"))
# An answer may take long on a busy machine; who is refused waits by a clock that jumps.
PATIENCE = timedelta(seconds=120)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Whom both sides trust."""
    return Authority(tmp_path)


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    """An issuer on a socket."""
    async with issuing() as one:
        yield one


def access_of(files: Files, **more: object) -> AccessSettings:
    """A service that shows this certificate."""
    given = {"certfile": files.certfile, "keyfile": files.keyfile}
    return AccessSettings.model_validate(given | more)


def client_of(
    address: str, authority: Authority, *, host: str = "localhost", **more: object
) -> ConfidenceClient:
    """A client that trusts an authority."""
    sdk = SdkSettings.model_validate({"tls": True, "tls_cafile": authority.cafile} | more)
    target = address.replace("127.0.0.1", host)
    return open_client(sdk, target, timeout=PATIENCE, clock=FakeClock())


def shown(files: Files) -> dict[str, Any]:
    """A client that shows a certificate."""
    return {"tls_certfile": files.certfile, "tls_keyfile": files.keyfile}


async def test_look_ups_over_tls(serve_with: Served, authority: Authority) -> None:
    """A client that trusts the authority is answered; plain text and strangers are not."""
    files = authority.sign("service", LOCAL, HERE)
    service = await serve_with(query_settings(), access_of(files))
    await service.store.write(batch(scored("a", 0)))
    listen = service.settings.query.listen
    async with client_of(listen, authority) as client:
        assert (await client.get(key("a"))).scored.key == key("a")
    async with ConfidenceClient(listen, timeout=PATIENCE, clock=FakeClock()) as plain:
        with pytest.raises(UnavailableError, match=r"set sdk\.tls and sdk\.tls_cafile"):
            await plain.get(key("a"))
    other = Authority(authority.cafile.parent, "other")
    # The name has a second address, where nobody listens: a call may end with what it met there.
    async with client_of(listen, other, host="127.0.0.1") as stranger:
        with pytest.raises(UnavailableError, match=r"look at sdk\.tls_cafile"):
            await stranger.get(key("a"))


async def test_a_renewed_certificate_is_shown_to_the_next(
    serve_with: Served, authority: Authority
) -> None:
    """Its end is a figure; a file that cannot be read leaves the last one in use."""
    files = authority.sign("service", LOCAL, days=1)
    service = await serve_with(query_settings(), access_of(files))
    listen = service.settings.query.listen
    first = service.figures.totals[CERTIFICATE_EXPIRY.name, "grpc_server"]
    renewed = authority.sign("service", LOCAL, days=9, into="renewed")
    renewed.keyfile.replace(files.keyfile)
    async with client_of(listen, authority) as client:
        # The key without its certificate: half a renewal.
        with pytest.raises(NotSeenError):
            await client.get(key("a"))
    assert service.figures.totals[CERTIFICATE_EXPIRY.name, "grpc_server"] == first
    renewed.certfile.replace(files.certfile)
    async with client_of(listen, authority) as client:
        with pytest.raises(NotSeenError):
            await client.get(key("a"))
    days = (service.figures.totals[CERTIFICATE_EXPIRY.name, "grpc_server"] - first) / 86_400
    assert round(days) == 8


async def test_clients_by_their_certificates(serve_with: Served, authority: Authority) -> None:
    """A name in the certificate gives its tenants; without a certificate nobody gets in."""
    access = access_of(
        authority.sign("service", LOCAL),
        mode=AccessMode.MTLS,
        client_cafile=authority.cafile,
        clients={"spiffe://acme/reader": ["acme"], "labeller": ["acme", "default"]},
        labellers=["labeller"],
    )
    service = await serve_with(query_settings(), access)
    await service.store.write(batch(scored("a", 0, tenant="acme"), scored("b", 1)))
    listen = service.settings.query.listen
    spiffe = x509.UniformResourceIdentifier("spiffe://acme/reader")
    reader = authority.sign("reader", spiffe)
    async with client_of(listen, authority, **shown(reader)) as client:
        assert (await client.get(key("a", "acme"))).position.offset == 0
        with pytest.raises(FatalError, match="PERMISSION_DENIED"):
            await client.get(key("b"))
        listed = await client.list(ScoreFilter())
        assert [one.position.offset for one in listed.records] == [0]
    labeller = authority.sign("labeller")
    async with client_of(listen, authority, **shown(labeller)) as client:
        assert (await client.get(key("b"))).position.offset == 1
    stranger = authority.sign("stranger")
    async with client_of(listen, authority, **shown(stranger)) as client:
        with pytest.raises(FatalError, match="UNAUTHENTICATED"):
            await client.get(key("a", "acme"))
    async with client_of(listen, authority) as nobody:
        with pytest.raises(UnavailableError):
            await nobody.get(key("a", "acme"))


async def test_the_sdk_sends_a_token_that_is_renewed(
    serve_with: Served, authority: Authority, issuer: Issuer, tmp_path: Path
) -> None:
    """The file is read for each call: an expired token is replaced without a new client."""
    access = access_of(
        authority.sign("service", LOCAL),
        mode=AccessMode.OIDC,
        issuer=issuer.url,
        audience=AUDIENCE,
    )
    service = await serve_with(query_settings(), access)
    await service.store.write(batch(scored("a", 0)))
    token_file = tmp_path / "token"
    token_file.write_text("expired.long.ago", encoding="ascii")
    sdk = {
        "tls": True,
        "tls_cafile": authority.cafile,
        "token_file": token_file,
        "lookup_timeout_s": PATIENCE.total_seconds(),
    }
    settings = Settings(sdk=SdkSettings.model_validate(sdk))
    target = service.settings.query.listen.replace("127.0.0.1", "localhost")
    async with Plimsoll(settings=settings, query=target, bootstrap_servers="localhost:1") as one:
        with pytest.raises(FatalError, match="UNAUTHENTICATED"):
            await one.get("a")
        token_file.write_text(issuer.token("sdk", tenants=["default"]) + "\n", encoding="ascii")
        found = await one.get("a")
        assert not isinstance(found, Missing)


async def test_an_issuer_that_is_away_is_not_the_callers_fault(
    serve_with: Served, issuer: Issuer
) -> None:
    """UNAVAILABLE, which clients try again, and not UNAUTHENTICATED, which they do not."""
    issuer.away = True
    access = AccessSettings(mode=AccessMode.OIDC, issuer=issuer.url, audience=AUDIENCE)
    service = await serve_with(query_settings(), access)
    sdk = SdkSettings.model_validate({"token": issuer.token("a", tenants=["*"])})
    listen, clock = service.settings.query.listen, FakeClock()
    async with open_client(sdk, listen, timeout=PATIENCE, clock=clock) as client:
        with pytest.raises(UnavailableError):
            await client.get(key("a"))


async def test_callers_that_call_too_often(serve_with: Served, issuer: Issuer) -> None:
    """Each caller has an allowance of its own; what is over it is told when to come again."""
    access = AccessSettings(
        mode=AccessMode.OIDC, issuer=issuer.url, audience=AUDIENCE, calls_per_s=3
    )
    service = await serve_with(query_settings(), access)
    list_metrics: Any = service.channel.unary_unary("/plimsoll.v1.ConfidenceService/ListMetrics")

    async def ended(token: str) -> grpc.StatusCode:
        metadata = (("authorization", f"Bearer {token}"),)
        return cast(grpc.StatusCode, await list_metrics(b"", metadata=metadata, timeout=120).code())

    busy = issuer.token("busy")
    # All at once: a machine that takes a second for each would grant each.
    codes = Counter(await asyncio.gather(*(ended(busy) for _ in range(60))))
    assert codes[grpc.StatusCode.OK] >= 3
    assert codes[grpc.StatusCode.RESOURCE_EXHAUSTED] > 0
    assert codes.total() == 60
    assert await ended(issuer.token("calm")) is grpc.StatusCode.OK


async def test_every_call_is_written_down(serve_with: Served, issuer: Issuer) -> None:
    """Who asked for what, and whether it was granted; never the token."""
    access = AccessSettings(mode=AccessMode.OIDC, issuer=issuer.url, audience=AUDIENCE)
    service = await serve_with(query_settings(), access)
    token = issuer.token("auditor", tenants=["acme"])
    sdk = SdkSettings.model_validate({"token": token})
    with capture_logs() as logs:
        async with open_client(sdk, service.settings.query.listen, timeout=PATIENCE) as client:
            with pytest.raises(NotSeenError):
                await client.get(key("r-1", "acme"))
            with pytest.raises(FatalError):
                await client.get(key("r-2", "other"))
    told = [log for log in logs if log["event"] == "query.call.audited"]
    assert [log["decision"] for log in told] == ["ADMITTED", "PERMISSION_DENIED"]
    assert [log["caller"] for log in told] == ["auditor", "auditor"]
    assert [(log["tenant"], log["result_ids"]) for log in told] == [
        ("acme", ["r-1"]),
        ("other", ["r-2"]),
    ]
    assert token not in str(logs)


def test_a_token_does_not_travel_in_plain_text() -> None:
    """To another machine it goes over TLS only, unless somebody says that it may."""
    token = {"token": "t"}
    open_client(SdkSettings.model_validate(token), "127.0.0.1:1")
    with pytest.raises(ConfigurationError, match="plain text"):
        open_client(SdkSettings.model_validate(token), "query.example:443")
    open_client(
        SdkSettings.model_validate(token | {"token_in_plain_text": True}), "query.example:443"
    )


async def test_a_key_of_another_certificate(serve_with: Served, authority: Authority) -> None:
    """The service says so and does not start."""
    one, two = authority.sign("one"), authority.sign("two")
    service = await serve_with(query_settings(), access_of(Files(one.certfile, two.keyfile)))
    with pytest.raises(ConfigurationError, match="not the key of certfile"):
        await service.running


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mode": "oidc", "audience": "a"}, "needs issuer"),
        ({"mode": "oidc", "issuer": "https://i.example"}, "needs audience"),
        ({"mode": "oidc", "issuer": "http://i.example", "audience": "a"}, "use https"),
        ({"mode": "oidc", "issuer": "issuer", "audience": "a"}, "not the URL"),
        ({"mode": "mtls", "clients": {"a": ["b"]}}, "needs client_cafile"),
        ({"certfile": "a"}, "go together"),
        ({"client_cafile": "a"}, "needs certfile"),
        ({"algorithms": ["HS256"]}, "RS256"),
        ({"algorithms": []}, "at least 1"),
    ],
    ids=["no-issuer", "no-audience", "http", "no-url", "no-ca", "half", "no-cert", "hmac", "none"],
)
def test_settings_that_would_leave_the_door_open(given: dict[str, object], said: str) -> None:
    """What would not protect is refused with what to do."""
    with pytest.raises(ValueError, match=said):
        AccessSettings.model_validate(given)

"""Keys of an issuer: fetched once, kept, rotated, and held where the issuer is away."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from plimsoll.adapters.access.issuer_keys import IssuerKeys, UnknownKeyError
from plimsoll.domain.errors import RetryableError
from tests.support.fake_clock import FakeClock

ISSUER = "https://issuer.example"
DOCUMENT = f"{ISSUER}/.well-known/openid-configuration"


def listed(key_id: str, **more: object) -> dict[str, object]:
    """A new public key under this ID."""
    public = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key())
    return {**json.loads(str(public)), "kid": key_id} | more


class Web:
    """What an issuer answers; an exception is raised."""

    def __init__(self, *keys: dict[str, object]) -> None:
        self.answers: dict[str, dict[str, object] | Exception] = {
            DOCUMENT: {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}
        }
        self.lists(*keys)
        self.asked: list[str] = []
        self.hangs: asyncio.Event | None = None

    def lists(self, *keys: dict[str, object]) -> None:
        """These keys from now on."""
        self.answers[f"{ISSUER}/keys"] = {"keys": list(keys)}

    async def fetch(self, url: str) -> dict[str, object]:
        """The answer for a URL."""
        self.asked.append(url)
        await asyncio.sleep(0)
        if self.hangs is not None:
            await self.hangs.wait()
        answer = self.answers[url]
        if isinstance(answer, Exception):
            raise answer
        return answer


def keys_of(web: Web, clock: FakeClock, jwks_url: str = "") -> IssuerKeys:
    """Keys that are five minutes good."""
    return IssuerKeys(ISSUER, jwks_url, timedelta(minutes=5), clock, web.fetch)


async def test_many_ask_and_the_issuer_is_asked_once() -> None:
    """The discovery document and the keys are fetched once, however many wait for them."""
    web = Web(listed("a"), listed("b"))
    keys = keys_of(web, FakeClock())
    found = await asyncio.gather(*(keys.key(name) for name in "ababab"))
    assert [one.key.key_id for one in found] == list("ababab")
    assert web.asked == [DOCUMENT, f"{ISSUER}/keys"]


async def test_a_named_address_needs_no_discovery() -> None:
    """With a URL of the keys in the settings nothing else is asked."""
    web = Web(listed("a"))
    await keys_of(web, FakeClock(), f"{ISSUER}/keys").key("a")
    assert web.asked == [f"{ISSUER}/keys"]


async def test_a_rotated_key_is_found_and_the_old_one_is_gone() -> None:
    """A key ID that is new asks the issuer again; what it no longer lists verifies nothing."""
    web, clock = Web(listed("old")), FakeClock()
    keys = keys_of(web, clock)
    await keys.key("old")
    before = keys.generation
    web.lists(listed("new"))
    clock.seconds += 11
    assert (await keys.key("new")).key.key_id == "new"
    assert keys.generation == before + 1
    with pytest.raises(UnknownKeyError):
        await keys.key("old")


async def test_a_key_that_was_withdrawn_is_missed_within_its_age() -> None:
    """Without any token that is new, the list is asked for again when it is old."""
    web, clock = Web(listed("a"), listed("b")), FakeClock()
    keys = keys_of(web, clock)
    await keys.key("a")
    web.lists(listed("b"))
    clock.seconds += 301
    with pytest.raises(UnknownKeyError):
        await keys.key("a")


async def test_made_up_key_ids_do_not_hammer_the_issuer() -> None:
    """A thousand unknown keys within ten seconds cost one request for keys."""
    web, clock = Web(listed("a")), FakeClock()
    keys = keys_of(web, clock)
    for number in range(1_000):
        clock.seconds += 0.009
        with pytest.raises(UnknownKeyError):
            await keys.key(f"made-up-{number}")
    assert web.asked.count(f"{ISSUER}/keys") == 1


async def test_an_issuer_that_is_away_locks_nobody_out_for_an_hour() -> None:
    """Known keys hold for an hour; an unknown one cannot be judged; then nobody can."""
    web, clock = Web(listed("a")), FakeClock()
    keys = keys_of(web, clock)
    await keys.key("a")
    web.answers[f"{ISSUER}/keys"] = RetryableError("503")
    clock.seconds += 3_500
    assert (await keys.key("a")).key.key_id == "a"
    clock.seconds += 11
    with pytest.raises(RetryableError, match="503"):
        await keys.key("new")
    clock.seconds += 100
    with pytest.raises(RetryableError, match="503"):
        await keys.key("a")


async def test_an_issuer_that_hangs_holds_nobody_up() -> None:
    """Known keys are old, and asking for new ones does not end: whoever has a known key goes on."""
    web, clock = Web(listed("a")), FakeClock()
    keys = keys_of(web, clock)
    await keys.key("a")
    web.hangs = asyncio.Event()
    clock.seconds += 301
    async with asyncio.timeout(120):
        found = await asyncio.gather(*(keys.key("a") for _ in range(50)))
    assert {one.key.key_id for one in found} == {"a"}
    assert web.asked.count(DOCUMENT) == 2
    web.lists(listed("b"))
    web.hangs.set()
    async with asyncio.timeout(120):
        assert (await keys.key("b")).key.key_id == "b"


async def test_a_caller_that_gives_up_stops_no_other() -> None:
    """Whoever began to ask the issuer may leave: those that wait get the answer."""
    web = Web(listed("a"))
    web.hangs = asyncio.Event()
    keys = keys_of(web, FakeClock())
    first, second = (asyncio.create_task(keys.key("a")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first})
    web.hangs.set()
    async with asyncio.timeout(120):
        assert (await second).key.key_id == "a"
    assert web.asked == [DOCUMENT, f"{ISSUER}/keys"]


async def test_an_issuer_that_was_never_reached() -> None:
    """Nobody can be known yet, which is not the caller's fault; it is tried again in a while."""
    web, clock = Web(listed("a")), FakeClock()
    web.answers[DOCUMENT] = RetryableError("away")
    keys = keys_of(web, clock)
    for _ in range(3):
        with pytest.raises(RetryableError, match="away"):
            await keys.key("a")
    assert len(web.asked) == 1
    web.answers[DOCUMENT] = {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}
    clock.seconds += 11
    assert (await keys.key("a")).key.key_id == "a"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"issuer": "https://other.example", "jwks_uri": f"{ISSUER}/keys"}, "another issuer"),
        ({"issuer": ISSUER}, "no jwks_uri"),
        ({"issuer": ISSUER, "jwks_uri": "http://issuer.example/keys"}, "no jwks_uri"),
    ],
    ids=["another-issuer", "no-keys", "plain-http"],
)
async def test_a_discovery_document_that_is_not_trusted(
    document: dict[str, object], said: str
) -> None:
    """Another's document, one without keys, and keys over plain HTTP."""
    web = Web(listed("a"))
    web.answers[DOCUMENT] = document
    with pytest.raises(RetryableError, match=said):
        await keys_of(web, FakeClock()).key("a")


async def test_only_public_keys_for_signatures_are_taken() -> None:
    """Shared secrets, keys for encryption, broken ones and unknown kinds are passed over."""
    web = Web(
        {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"},
        listed("encrypts", use="enc"),
        {"kty": "EC", "crv": "P-256", "x": "!", "kid": "broken"},
        {"kty": "new", "kid": "unknown"},
        listed("good"),
    )
    keys = keys_of(web, FakeClock())
    assert (await keys.key("good")).key.key_id == "good"
    for name in ("secret", "encrypts", "broken", "unknown"):
        with pytest.raises(UnknownKeyError):
            await keys.key(name)


async def test_a_token_without_a_key_id() -> None:
    """Means the only key of an issuer with one; with two it could be either, and is none."""
    web, clock = Web(listed("a")), FakeClock()
    assert (await keys_of(web, clock).key(None)).key.key_id == "a"
    web.lists(listed("a"), listed("b"))
    with pytest.raises(UnknownKeyError):
        await keys_of(web, clock).key(None)

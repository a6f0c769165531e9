"""Tokens that were seen are not verified twice, and are not believed too long either."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from plimsoll.adapters.access.issuer_keys import IssuerKeys
from plimsoll.adapters.access.tokens import TokenError, TokenReader
from plimsoll.settings.access import AccessMode, AccessSettings
from tests.support.fake_clock import FakeClock

ISSUER = "https://issuer.example"
SETTINGS = AccessSettings(
    mode=AccessMode.OIDC, issuer=ISSUER, audience="plimsoll", jwks_url=f"{ISSUER}/keys", leeway_s=0
)


class Today(FakeClock):
    """A clock that begins now, since PyJWT looks at the real one."""

    def now(self) -> datetime:
        """Now, and later as the clock is moved."""
        return self.began + timedelta(seconds=self.seconds - 1_000.0)

    def __init__(self) -> None:
        super().__init__()
        self.began = datetime.now(UTC)


class Signer:
    """An issuer's newest key; `fetch` lists it."""

    def __init__(self) -> None:
        self.rotate("k1")

    def rotate(self, key_id: str) -> None:
        """Another key."""
        self.key, self.key_id = ec.generate_private_key(ec.SECP256R1()), key_id

    def token(self, **more: object) -> str:
        """A token in order but for `more`."""
        claims = {
            "iss": ISSUER,
            "aud": "plimsoll",
            "sub": "somebody",
            "exp": datetime.now(UTC) + timedelta(minutes=10),
            "tenants": ["acme"],
        }
        headers = {"kid": self.key_id}
        return jwt.encode(claims | more, self.key, algorithm="ES256", headers=headers)

    async def fetch(self, url: str) -> dict[str, object]:
        """The list of keys."""
        assert url == f"{ISSUER}/keys"
        public = json.loads(str(ECAlgorithm.to_jwk(self.key.public_key())))
        return {"keys": [{**public, "kid": self.key_id}]}


def reader_of(signer: Signer, clock: FakeClock, remembered: int = 10) -> TokenReader:
    """A reader whose keys are five minutes good."""
    keys = IssuerKeys(ISSUER, SETTINGS.jwks_url, timedelta(minutes=5), clock, signer.fetch)
    return TokenReader(SETTINGS, keys, clock, remembered)


async def test_a_token_that_was_seen_expires_all_the_same() -> None:
    """The memory of a token ends when the token does."""
    signer, clock = Signer(), Today()
    reader, token = reader_of(signer, clock), signer.token()
    assert (await reader.read(token)).tenants == frozenset({"acme"})
    clock.seconds += 590
    assert (await reader.read(token)).tenants == frozenset({"acme"})
    clock.seconds += 11
    with pytest.raises(TokenError, match="expired"):
        await reader.read(token)


async def test_a_key_that_is_gone_takes_its_tokens_with_it() -> None:
    """A token that was believed under a key that the issuer has withdrawn is believed no more."""
    signer, clock = Signer(), Today()
    reader, token = reader_of(signer, clock), signer.token()
    await reader.read(token)
    signer.rotate("k2")
    clock.seconds += 301
    with pytest.raises(TokenError, match="does not list"):
        await reader.read(token)


async def test_a_key_that_was_changed_under_its_own_id() -> None:
    """The same key ID with another key is another key."""
    signer, clock = Signer(), Today()
    reader, token = reader_of(signer, clock), signer.token()
    await reader.read(token)
    signer.rotate("k1")
    clock.seconds += 301
    with pytest.raises(TokenError, match="InvalidSignatureError"):
        await reader.read(token)


async def test_the_memory_is_bounded() -> None:
    """More tokens than are remembered are read all the same."""
    signer, clock = Signer(), Today()
    reader = reader_of(signer, clock, remembered=3)
    tokens = [signer.token(sub=f"s{number}") for number in range(10)]
    for _ in range(2):
        names = [(await reader.read(token)).name for token in tokens]
        assert names == [f"s{number}" for number in range(10)]
    assert len(reader._seen) <= 3


async def test_an_algorithm_that_is_not_the_keys_own() -> None:
    """A key that its issuer lists for one algorithm verifies no other (RFC 8725, 3.1)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(str(RSAAlgorithm.to_jwk(key.public_key())))

    async def fetch(_: str) -> dict[str, object]:
        return {"keys": [{**public, "kid": "r", "alg": "RS512"}]}

    clock = Today()
    keys = IssuerKeys(ISSUER, SETTINGS.jwks_url, timedelta(minutes=5), clock, fetch)
    claims = {"iss": ISSUER, "aud": "plimsoll", "sub": "s", "exp": datetime(2100, 1, 1, tzinfo=UTC)}
    token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": "r"})
    with pytest.raises(TokenError, match="not that of its key"):
        await TokenReader(SETTINGS, keys, clock).read(token)


async def test_errors_do_not_quote_tokens() -> None:
    """Neither what a token says nor what it is gets into a message."""
    signer = Signer()
    reader = reader_of(signer, Today())
    for token in (signer.token(aud="hush-audience"), signer.token(iss="hush"), "hush.hush.hush"):
        with pytest.raises(TokenError) as refused:
            await reader.read(token)
        assert "hush" not in str(refused.value)
        assert token not in str(refused.value)


async def test_a_tenant_that_cannot_be_one_is_not_granted() -> None:
    """Of a claim's words only those count that are names of tenants, or the star."""
    signer = Signer()
    reader = reader_of(signer, Today())
    caller = await reader.read(signer.token(tenants=["acme", "A/B", "", 7, "**"]))
    assert caller.tenants == frozenset({"acme"})
    assert (await reader.read(signer.token(tenants=["acme", "*"]))).tenants is None

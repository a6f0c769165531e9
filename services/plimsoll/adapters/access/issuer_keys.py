"""The keys of a token issuer: fetched, kept, and fetched again as they rotate (RFC 7517)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import jwt
import structlog

from plimsoll.domain.errors import RetryableError
from plimsoll.ports.clock import Clock
from plimsoll.settings.access import address_problem

_log = structlog.get_logger(__name__)

Fetch = Callable[[str], Awaitable[dict[str, object]]]

_DISCOVERY = "/.well-known/openid-configuration"
# Whoever sends tokens with made-up key IDs must not make us hammer the issuer.
_COOL_DOWN = timedelta(seconds=10)
# An issuer that is away does not lock its callers out at once.
_HELD_FOR = timedelta(hours=1)
_MAX_KEYS = 100
# An issuer that is well answers within this; a call goes on without it otherwise.
_SOON_S = 0.5


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A public key as its issuer lists it, and as PyJWT takes it; `algorithm` empty names none."""

    listed: Mapping[str, object]
    key: jwt.PyJWK
    algorithm: str


class UnknownKeyError(Exception):
    """The issuer does not list such a key."""


class IssuerKeys:
    """Gives keys by their ID; one fetch at a time, however many ask.

    `generation` grows with each set of keys that differs from the last: what rests on older keys
    has to be looked at again. A set is asked for anew when it is older than `max_age`, or when a
    key is not in it, though no sooner than ten seconds after the last time. Where the issuer is
    away or slow, the last set holds for an hour, and whoever has a key of it does not wait.
    """

    def __init__(
        self, issuer: str, jwks_url: str, max_age: timedelta, clock: Clock, fetch: Fetch
    ) -> None:
        self.generation = 0
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._max_age = max_age.total_seconds()
        self._clock = clock
        self._fetch = fetch
        self._keys: Mapping[str, IssuerKey] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._fault: RetryableError | None = None
        self._asking: asyncio.Task[None] | None = None

    async def refreshed(self) -> None:
        """Asks the issuer where it is time to; RetryableError where there are no keys to go by."""
        holds = self._age() <= max(self._max_age, _HELD_FOR.total_seconds())
        if self._age() > self._max_age:
            await self._ask(_SOON_S if holds else None)
        if self._age() > max(self._max_age, _HELD_FOR.total_seconds()):
            raise self._fault or RetryableError("the issuer's keys are not known yet")

    async def key(self, key_id: str | None) -> IssuerKey:
        """The key of a token; None is the only one of an issuer that has no other.

        UnknownKeyError where the issuer does not list it, RetryableError where that cannot be said.
        """
        await self.refreshed()
        found = self._known(key_id)
        if found is None:
            await self._ask(None)
            found = self._known(key_id)
        if found is not None:
            return found
        if self._fault is not None:
            raise self._fault
        raise UnknownKeyError("the token is signed with a key that its issuer does not list")

    def _known(self, key_id: str | None) -> IssuerKey | None:
        if key_id is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(key_id)

    def _age(self) -> float:
        if self._fetched_at is None:
            return float("inf")
        return self._clock.monotonic() - self._fetched_at

    async def _ask(self, patience_s: float | None) -> None:
        """Asks the issuer, one fetch at a time; None waits for its end, which fetching bounds.

        With a patience only whoever begins it waits: the others have keys to go by.
        """
        asking = self._asking
        if asking is not None and not asking.done():
            if patience_s is not None:
                return
        else:
            now = self._clock.monotonic()
            if self._tried_at is not None and now - self._tried_at < _COOL_DOWN.total_seconds():
                return
            self._tried_at = now
            # A task of its own: a caller that gives up does not take the answer from the others.
            asking = self._asking = asyncio.create_task(self._try())
        done, _ = await asyncio.wait({asking}, timeout=patience_s)
        for one in done:
            one.result()

    async def _try(self) -> None:
        try:
            keys = await self._fetched()
        except RetryableError as error:
            self._fault = error
            _log.warning("access.keys.unreachable", issuer=self._issuer, error=str(error))
            return
        if _listed(keys) != _listed(self._keys):
            self.generation += 1
            _log.info("access.keys.changed", issuer=self._issuer, keys=sorted(keys))
        self._keys, self._fetched_at, self._fault = keys, self._clock.monotonic(), None

    async def _fetched(self) -> Mapping[str, IssuerKey]:
        url = self._jwks_url or await self._discovered()
        listed = (await self._fetch(url)).get("keys")
        if not isinstance(listed, list):
            raise RetryableError(f"{url} answers with no list of keys")
        keys: dict[str, IssuerKey] = {}
        for index, one in enumerate(listed[:_MAX_KEYS]):
            if isinstance(one, dict) and one.get("use", "sig") == "sig":
                key = _usable(one)
                if key is not None:
                    keys[key.key.key_id or f"#{index}"] = key
        if not keys:
            raise RetryableError(f"{url} lists no key that verifies signatures")
        return keys

    async def _discovered(self) -> str:
        url = self._issuer.rstrip("/") + _DISCOVERY
        document = await self._fetch(url)
        if document.get("issuer") != self._issuer:
            raise RetryableError(f"{url} names another issuer than access.issuer")
        found = document.get("jwks_uri")
        if not isinstance(found, str) or address_problem(found):
            raise RetryableError(f"{url} names no jwks_uri that can be trusted")
        return found


def _usable(given: dict[str, object]) -> IssuerKey | None:
    """A public key; None for what is no key of a pair, or of a kind that nobody here knows."""
    if given.get("kty") not in {"RSA", "EC", "OKP"}:
        return None
    algorithm = given.get("alg", "")
    try:
        key = jwt.PyJWK.from_dict(given)
    except jwt.PyJWTError:
        return None
    return IssuerKey(given, key, algorithm if isinstance(algorithm, str) else "")


def _listed(keys: Mapping[str, IssuerKey]) -> dict[str, Mapping[str, object]]:
    return {key_id: key.listed for key_id, key in keys.items()}

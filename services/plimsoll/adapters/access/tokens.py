"""Bearer tokens: signature, issuer, audience and time checked, then who it is and what for.

JSON Web Tokens (RFC 7519) with the checks of RFC 8725: the algorithm comes from the settings and
the issuer's key, never from the token alone; what a token says is believed after its signature.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import jwt

from plimsoll.adapters.access.issuer_keys import IssuerKey, IssuerKeys, UnknownKeyError
from plimsoll.domain.caller import Caller, granted
from plimsoll.domain.identity import tenant_problem
from plimsoll.ports.clock import Clock
from plimsoll.settings.access import AccessSettings

_MAX_CHARS = 16 * 1024
_MAX_NAME_CHARS = 256
_REQUIRED = ("exp", "iss", "aud", "sub")


class TokenError(Exception):
    """The token is not accepted; the message says why, and never quotes it."""


@dataclass(frozen=True, slots=True)
class _Seen:
    caller: Caller
    expires_s: float
    generation: int


class TokenReader:
    """Turns tokens into callers; one that was seen is not verified again before it expires.

    At most `remembered` tokens are kept, by their hash. A change of the issuer's keys forgets all.
    """

    def __init__(
        self, settings: AccessSettings, keys: IssuerKeys, clock: Clock, remembered: int = 10_000
    ) -> None:
        self._settings = settings
        self._algorithms = frozenset(str(one) for one in settings.algorithms)
        self._keys = keys
        self._clock = clock
        self._remembered = remembered
        self._seen: dict[bytes, _Seen] = {}

    async def read(self, token: str) -> Caller:
        """Who sent it.

        TokenError where it is not accepted, RetryableError where the issuer's keys are not known.
        """
        if len(token) > _MAX_CHARS:
            raise TokenError(f"the token is longer than {_MAX_CHARS} characters")
        await self._keys.refreshed()
        name = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        seen = self._seen.get(name)
        if seen is not None and seen.generation == self._keys.generation:
            if self._clock.now().timestamp() < seen.expires_s:
                return seen.caller
            raise TokenError("the token has expired")
        claims = await self._verified(token)
        caller = self._caller(claims)
        leeway = timedelta(seconds=self._settings.leeway_s).total_seconds()
        if len(self._seen) >= self._remembered:
            del self._seen[next(iter(self._seen))]
        expires_s = float(claims["exp"]) + leeway  # type: ignore[arg-type]  # PyJWT has checked it
        self._seen[name] = _Seen(caller, expires_s, self._keys.generation)
        return caller

    async def _verified(self, token: str) -> dict[str, object]:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise TokenError("the token is no JSON Web Token") from error
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in self._algorithms:
            raise TokenError("the token's algorithm is not among access.algorithms")
        if key_id is not None and not isinstance(key_id, str):
            raise TokenError("the token's key ID is no text")
        try:
            key = await self._keys.key(key_id)
        except UnknownKeyError as error:
            raise TokenError(str(error)) from error
        if key.algorithm not in {"", algorithm}:
            raise TokenError("the token's algorithm is not that of its key")
        return self._decoded(token, key, algorithm)

    def _decoded(self, token: str, key: IssuerKey, algorithm: str) -> dict[str, object]:
        try:
            claims: dict[str, object] = jwt.decode(
                token,
                key.key.key,
                algorithms=[algorithm],
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                leeway=self._settings.leeway_s,
                options={"require": list(_REQUIRED)},
            )
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            # PyJWT's messages may quote claims; its classes say enough.
            raise TokenError(f"the token is not accepted: {type(error).__name__}") from error
        return claims

    def _caller(self, claims: dict[str, object]) -> Caller:
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= _MAX_NAME_CHARS:
            raise TokenError(f"the token's subject is no text of 1 to {_MAX_NAME_CHARS} characters")
        tenants = _words(claims.get(self._settings.tenants_claim))
        scopes = _words(claims.get("scope", claims.get("scp")))
        known = frozenset(one for one in tenants if one == "*" or tenant_problem(one) is None)
        return granted(subject, known, may_label=self._settings.feedback_scope in scopes)


def _words(claim: object) -> tuple[str, ...]:
    """A list of texts, or one text with blanks between (RFC 8693, 4.2); nothing else is read."""
    if isinstance(claim, str):
        return tuple(claim.split())
    if isinstance(claim, list):
        return tuple(one for one in claim if isinstance(one, str))
    return ()

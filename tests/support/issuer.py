"""An issuer of tokens on a real socket: discovery document, keys that rotate, tokens."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

AUDIENCE = "plimsoll"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Issuer:
    """Signs with its newest key; `away` answers 503, `asked` counts the requests for keys."""

    def __init__(self) -> None:
        self.url = ""
        self.away = False
        self.asked = 0
        self.keys: dict[str, PrivateKey] = {}
        self.rotate("k1")

    def rotate(self, key_id: str, *, elliptic: bool = True) -> None:
        """A new key, and none of the old ones."""
        new: PrivateKey = (
            ec.generate_private_key(ec.SECP256R1())
            if elliptic
            else rsa.generate_private_key(public_exponent=65537, key_size=2048)
        )
        self.keys = {key_id: new}

    def claims(self, subject: str, **more: object) -> dict[str, object]:
        """What a token says that is in order; None takes a claim away."""
        now = datetime.now(UTC)
        said: dict[str, object] = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": now,
            "exp": now + timedelta(minutes=10),
        }
        return {name: value for name, value in (said | more).items() if value is not None}

    def token(self, subject: str, **more: object) -> str:
        """A token that this issuer has signed."""
        key_id, key = next(reversed(self.keys.items()))
        algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
        claims = self.claims(subject, **more)
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": key_id})

    def listed(self) -> dict[str, object]:
        """The public keys."""
        found = []
        for key_id, key in self.keys.items():
            public: object = (
                RSAAlgorithm.to_jwk(key.public_key())
                if isinstance(key, rsa.RSAPrivateKey)
                else ECAlgorithm.to_jwk(key.public_key())
            )
            found.append({**json.loads(str(public)), "kid": key_id, "use": "sig"})
        return {"keys": found}

    async def discovery(self, _: web.Request) -> web.Response:
        """The discovery document."""
        if self.away:
            return web.Response(status=503)
        return web.json_response({"issuer": self.url, "jwks_uri": f"{self.url}/keys"})

    async def jwks(self, _: web.Request) -> web.Response:
        """The keys."""
        self.asked += 1
        return web.Response(status=503) if self.away else web.json_response(self.listed())


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    """An issuer that answers until the end."""
    issuer = Issuer()
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", issuer.discovery)
    app.router.add_get("/keys", issuer.jwks)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        issuer.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield issuer
    finally:
        await runner.cleanup()

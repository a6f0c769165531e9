"""Credentials of every kind, and whom each makes its bearer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.issuer import Issuer

Metadata = tuple[tuple[str, str], ...]
FEEDBACK = "plimsoll:feedback"


@dataclass(frozen=True, slots=True)
class Credential:
    """What a caller sends, and whom it makes them: None is nobody."""

    metadata: Callable[[Issuer], Metadata]
    tenants: frozenset[str] | None = None
    everything: bool = False
    labels: bool = False

    @property
    def known(self) -> bool:
        """Whether the service can tell who calls."""
        return self.tenants is not None or self.everything


def bearer(token: str) -> Metadata:
    """As clients send it."""
    return (("authorization", f"Bearer {token}"),)


def signed(**claims: object) -> Callable[[Issuer], Metadata]:
    """A token with these claims beside those that are in order."""
    return lambda issuer: bearer(issuer.token("somebody", **claims))


def by_another_key(issuer: Issuer) -> Metadata:
    """Signed by somebody else under the issuer's key ID."""
    key_id = next(iter(issuer.keys))
    claims = issuer.claims("somebody", tenants=["*"])
    forged = ec.generate_private_key(ec.SECP256R1())
    return bearer(jwt.encode(claims, forged, algorithm="ES256", headers={"kid": key_id}))


def by_the_public_key(issuer: Issuer) -> Metadata:
    """Signed with the public key as if it were a shared secret (CVE-2015-9235)."""
    key_id = next(iter(issuer.keys))
    claims = issuer.claims("somebody", tenants=["*"])
    secret = str(issuer.listed())
    return bearer(jwt.encode(claims, secret, algorithm="HS256", headers={"kid": key_id}))


def unsigned(issuer: Issuer) -> Metadata:
    """With the algorithm `none`."""
    return bearer(jwt.encode(issuer.claims("somebody", tenants=["*"]), "", algorithm="none"))


def with_other_claims(issuer: Issuer) -> Metadata:
    """A good token's head and signature around the claims of another."""
    head, _, tail = issuer.token("somebody", tenants=["alpha"]).split(".")
    _, claims, _ = issuer.token("somebody", tenants=["*"]).split(".")
    return bearer(f"{head}.{claims}.{tail}")


PAST = datetime.now(UTC) - timedelta(hours=1)
CREDENTIALS: Mapping[str, Credential] = {
    "none": Credential(lambda _: ()),
    "basic": Credential(lambda _: (("authorization", "Basic YWxwaGE6YWxwaGE="),)),
    "two": Credential(lambda i: bearer(i.token("a", tenants=["*"])) * 2),
    "empty": Credential(lambda _: bearer("")),
    "garbage": Credential(lambda _: bearer("not.a.token")),
    "long": Credential(lambda _: bearer("x" * 5_000)),
    "expired": Credential(signed(tenants=["*"], exp=PAST)),
    "early": Credential(signed(tenants=["*"], nbf=datetime.now(UTC) + timedelta(hours=1))),
    "endless": Credential(signed(tenants=["*"], exp=None)),
    "nameless": Credential(signed(tenants=["*"], sub="")),
    "other issuer": Credential(signed(tenants=["*"], iss="https://elsewhere.example")),
    "other audience": Credential(signed(tenants=["*"], aud="another-service")),
    "no audience": Credential(signed(tenants=["*"], aud=None)),
    "another key": Credential(by_another_key),
    "public key": Credential(by_the_public_key),
    "unsigned": Credential(unsigned),
    "other claims": Credential(with_other_claims),
    "no tenants": Credential(signed(), frozenset()),
    "odd tenants": Credential(signed(tenants={"alpha": True}), frozenset()),
    "alpha": Credential(signed(tenants=["alpha"]), frozenset({"alpha"})),
    "alpha labels": Credential(
        signed(tenants=["alpha"], scope=f"openid {FEEDBACK}"), frozenset({"alpha"}), labels=True
    ),
    "beta labels": Credential(
        signed(tenants="beta", scp=[FEEDBACK]), frozenset({"beta"}), labels=True
    ),
    "both": Credential(signed(tenants=["alpha", "beta"]), frozenset({"alpha", "beta"})),
    "all": Credential(signed(tenants=["*"], scope=FEEDBACK), everything=True, labels=True),
}

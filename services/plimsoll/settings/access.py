"""Who may ask the query service, and how it shows who it is."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, model_validator


class AccessMode(StrEnum):
    """What a caller shows."""

    NONE = "none"
    OIDC = "oidc"
    MTLS = "mtls"


class TokenAlgorithm(StrEnum):
    """Signatures with a key pair (RFC 7518, 3.1; RFC 8037); a shared secret's are not accepted."""

    RS256 = "RS256"
    RS384 = "RS384"
    RS512 = "RS512"
    PS256 = "PS256"
    PS384 = "PS384"
    PS512 = "PS512"
    ES256 = "ES256"
    ES384 = "ES384"
    ES512 = "ES512"
    EDDSA = "EdDSA"


class AccessSettings(BaseModel):
    """Whom the query service answers, and the certificate that it shows."""

    mode: AccessMode = Field(
        AccessMode.NONE,
        description="none answers everybody; oidc asks for a bearer token (JWT); mtls goes by the "
        "name in the client's certificate.",
    )
    certfile: Path | None = Field(
        None,
        description="Certificate chain (PEM), read again when it changes; without it the service "
        "speaks plain text.",
    )
    keyfile: Path | None = Field(None, description="Its key (PEM).")
    client_cafile: Path | None = Field(
        None, description="CA certificates (PEM) of clients: with it a client has to show one."
    )
    issuer: str = Field(
        "", description="oidc: the `iss` of tokens; its discovery document is read."
    )
    audience: str = Field("", description="oidc: the `aud` that tokens have to name.")
    jwks_url: str = Field(
        "", description="oidc: where the issuer's keys are; empty asks the discovery document."
    )
    algorithms: list[TokenAlgorithm] = Field(
        default_factory=lambda: [TokenAlgorithm.RS256, TokenAlgorithm.ES256],
        min_length=1,
        description="oidc: accepted signatures.",
    )
    tenants_claim: str = Field(
        "tenants",
        min_length=1,
        description="oidc: the claim that lists the caller's tenants; * in it is every tenant.",
    )
    feedback_scope: str = Field(
        "plimsoll:feedback", min_length=1, description="oidc: the scope that lets a caller label."
    )
    leeway_s: int = Field(30, ge=0, le=300, description="oidc: how far clocks may differ.")
    keys_max_age_s: int = Field(
        300, ge=10, description="oidc: the issuer's keys are asked for again after so long."
    )
    clients: dict[str, list[str]] = Field(
        default_factory=dict,
        description="mtls: by the certificate's name (a URI or DNS name among its subject "
        "alternative names, or its common name) the tenants that a client may see; * is every "
        "tenant.",
    )
    labellers: list[str] = Field(
        default_factory=list, description="mtls: names of those clients that may send labels."
    )
    calls_per_s: float = Field(
        0.0, ge=0, description="Calls that one caller may make in a second on average; 0: no bound."
    )
    audit: bool = Field(
        True,
        description="Whether each call is logged with who asks for what; never where mode is none.",
    )

    @model_validator(mode="after")
    def _certificates(self) -> Self:
        if (self.certfile is None) != (self.keyfile is None):
            raise ValueError("certfile and keyfile go together: set both or neither")
        if self.client_cafile is not None and self.certfile is None:
            raise ValueError("client_cafile needs certfile and keyfile: clients are asked over TLS")
        return self

    @model_validator(mode="after")
    def _credentials(self) -> Self:
        if self.mode is AccessMode.OIDC:
            for name in ("issuer", "audience"):
                if not getattr(self, name):
                    raise ValueError(f"mode oidc needs {name}")
            for name in ("issuer", "jwks_url"):
                problem = address_problem(getattr(self, name))
                if problem:
                    raise ValueError(f"{name} {problem}")
        if self.mode is AccessMode.MTLS:
            for name in ("client_cafile", "clients"):
                if not getattr(self, name):
                    raise ValueError(f"mode mtls needs {name}")
        return self


def address_problem(url: str) -> str | None:
    """Why keys cannot be fetched from `url`; None where they can, or where it is empty."""
    if not url:
        return None
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        return "is not the URL of an https server"
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        return "is http: whoever stands in between could hand out keys; use https"
    return None


def is_loopback(host: str) -> bool:
    """Whether `host` can be this machine only."""
    if host in {"localhost", "localhost."}:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False

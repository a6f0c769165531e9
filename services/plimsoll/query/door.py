"""Opens the door that the settings ask for."""

from __future__ import annotations

from datetime import timedelta

import structlog

from plimsoll.adapters.access.fetching import fetch_json
from plimsoll.adapters.access.issuer_keys import IssuerKeys
from plimsoll.adapters.access.tokens import TokenReader
from plimsoll.adapters.rpc.door import Door, Identify, anybody, by_certificate, by_token
from plimsoll.ports.clock import Clock
from plimsoll.settings.access import AccessMode, AccessSettings, is_loopback

_log = structlog.get_logger(__name__)


def open_door(access: AccessSettings, listen: str, clock: Clock) -> Door:
    """Says in the log what a door leaves open that other machines can reach."""
    if not is_loopback(listen.rpartition(":")[0]):
        if access.mode is AccessMode.NONE:
            _log.warning("query.open_to_everybody", listen=listen, setting="access.mode")
        if access.certfile is None:
            _log.warning("query.plain_text", listen=listen, setting="access.certfile")
    return Door(access, _identify(access, clock), clock)


def _identify(access: AccessSettings, clock: Clock) -> Identify:
    match access.mode:
        case AccessMode.NONE:
            return anybody
        case AccessMode.MTLS:
            return by_certificate(access)
        case AccessMode.OIDC:
            max_age = timedelta(seconds=access.keys_max_age_s)
            keys = IssuerKeys(access.issuer, access.jwks_url, max_age, clock, fetch_json)
            return by_token(TokenReader(access, keys, clock))

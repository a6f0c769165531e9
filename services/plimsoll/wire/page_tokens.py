"""Page tokens of a list in order of time: where a page ended, bound to its filter."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import astuple, dataclass

import orjson

from plimsoll.ports.store import ScoreFilter

_VERSION = 1


@dataclass(frozen=True, slots=True)
class PageEnd:
    """The last row of a page: its event time in microseconds since the epoch, and its key."""

    event_time_us: int
    tenant: str
    result_id: str


def encode_page_token(end: PageEnd, where: ScoreFilter) -> str:
    """An opaque token that only fits lists with this filter."""
    body = orjson.dumps([_VERSION, _bound_to(where), *astuple(end)])
    return base64.urlsafe_b64encode(body).decode("ascii")


def decode_page_token(token: str, where: ScoreFilter) -> PageEnd:
    """Where the page before ended; ValueError where the token is not one for this filter."""
    try:
        body = orjson.loads(base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True))
    except ValueError as error:
        raise ValueError("page token is not one of this service's: start without one") from error
    match body:
        case [int(version), str(bound), int(time_us), str(tenant), str(result_id)] if (
            version == _VERSION and abs(time_us) < 2**62
        ):
            if bound != _bound_to(where):
                raise ValueError("page token belongs to another filter: start without one")
            return PageEnd(time_us, tenant, result_id)
    raise ValueError("page token is not one of this service's: start without one")


def _bound_to(where: ScoreFilter) -> str:
    text = "\x1f".join("" if part is None else str(part) for part in astuple(where))
    return hashlib.sha256(text.encode()).hexdigest()[:16]

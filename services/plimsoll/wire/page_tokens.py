"""Page tokens of a list in order of time: where a page ended, bound to its filter."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import astuple, dataclass

import orjson

from plimsoll.domain.identity import result_id_problem, tenant_problem
from plimsoll.ports.store import ScoreFilter

_VERSION = 1
# The years 1 to 9999, in microseconds since the epoch.
_FIRST_US, _END_US = -62_135_596_800_000_000, 253_402_300_800_000_000


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
            version == _VERSION and _could_end(time_us, tenant, result_id)
        ):
            if bound != _bound_to(where):
                raise ValueError("page token belongs to another filter: start without one")
            return PageEnd(time_us, tenant, result_id)
    raise ValueError("page token is not one of this service's: start without one")


def _could_end(time_us: int, tenant: str, result_id: str) -> bool:
    """Whether a row could have these: whoever makes up a token must not reach a store with it."""
    named = tenant_problem(tenant) is None and result_id_problem(result_id) is None
    return named and _FIRST_US <= time_us < _END_US


def _bound_to(where: ScoreFilter) -> str:
    text = "\x1f".join("" if part is None else str(part) for part in astuple(where))
    return hashlib.sha256(text.encode()).hexdigest()[:16]

"""What `plimsoll audit` does: pages through visible scores and draws by their keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from plimsoll.adapters.rpc.client import ConfidenceClient
from plimsoll.domain.auditing import drawn
from plimsoll.domain.identity import ResultKey
from plimsoll.ports.store import ScoreFilter

_PAGE_SIZE = 500


@dataclass(slots=True)
class Drawing:
    """How many results were looked at, and how many of them had no confidence."""

    seen: int = 0
    without: int = 0


async def draw(
    client: ConfidenceClient, where: ScoreFilter, rate: float, told: Drawing
) -> AsyncIterator[ResultKey]:
    """Keys of the share `rate` of what the filter lets through, newest first; each once.

    What has no confidence is left out: nothing is promised of it, and its label teaches nothing.
    """
    token, given = "", set[ResultKey]()
    while True:
        page = await client.list(where, page_size=_PAGE_SIZE, page_token=token)
        for record in page.records:
            key = record.scored.key
            told.seen += 1
            if record.scored.confidence.estimate is None:
                told.without += 1
            elif drawn(key, rate) and key not in given:
                # A result that is scored anew while pages are read may stand on two of them.
                given.add(key)
                yield key
        token = page.next_page_token
        if not token:
            return

"""What `plimsoll audit` does: pages through visible scores and draws by their keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from plimsoll.adapters.rpc.answers import ConfidenceRecord, View
from plimsoll.adapters.rpc.client import ConfidenceClient
from plimsoll.cli.claim_cells import claims_cell
from plimsoll.domain.auditing import drawn
from plimsoll.domain.identity import ResultKey
from plimsoll.ports.store import ScoreFilter

_PAGE_SIZE = 500
# With their scores, which are nine tenths of an event.
_PAGE_OF_CLAIMS = 50


@dataclass(slots=True)
class Drawing:
    """What share is drawn, how many results were looked at, and how many of them were no use.

    Those without a confidence, or, of claims, without a promise about them.
    """

    rate: float
    of_claims: bool = False
    seen: int = 0
    without: int = 0


async def draw(
    client: ConfidenceClient, where: ScoreFilter, told: Drawing
) -> AsyncIterator[tuple[ResultKey, str]]:
    """Keys of that share of what the filter lets through, newest first; each once.

    With each the cell of claims to label, or ''. What has no confidence, or no promise about
    claims, is left out: nothing is promised of it, and its label teaches nothing.
    """
    view, size = (View.SCORES, _PAGE_OF_CLAIMS) if told.of_claims else (View.SUMMARY, _PAGE_SIZE)
    token, given = "", set[ResultKey]()
    while True:
        page = await client.list(where, page_size=size, page_token=token, view=view)
        for record in page.records:
            key = record.scored.key
            told.seen += 1
            cell = _cell(record) if told.of_claims else ""
            if cell is None or (not told.of_claims and record.scored.confidence.estimate is None):
                told.without += 1
            elif drawn(key, told.rate) and key not in given:
                # A result that is scored anew while pages are read may stand on two of them.
                given.add(key)
                yield key, cell
        token = page.next_page_token
        if not token:
            return


def _cell(record: ConfidenceRecord) -> str | None:
    """What to label; None where nothing is promised, or no more."""
    kept = record.kept_claims
    return None if kept is None else claims_cell([(claim.start, claim.end) for claim in kept])

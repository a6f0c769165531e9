"""The share of addresses or identifiers that are in order, with those that are not as evidence."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.domain.metric import Measurement
from plimsoll.domain.score import Evidence
from plimsoll.metrics.links import Link

MAX_CHARS = 1_000_000
MAX_EVIDENCE = 16


def link_share(found: Sequence[Link], wrong: Sequence[Link], word: str) -> Measurement:
    """1 - wrong / found; evidence has the word and what it is for its kind, as `malformed_doi`."""
    return Measurement(
        value=1.0 - len(wrong) / len(found),
        raw_value=float(len(wrong)),
        evidence=tuple(
            Evidence(f"{word}_{link.kind}", "response.text", link.start, link.end, link.text[:200])
            for link in wrong[:MAX_EVIDENCE]
        ),
        provenance=(("found", str(len(found))),),
    )

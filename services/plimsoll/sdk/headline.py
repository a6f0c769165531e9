"""What the headers of a scored event tell, so that most events need not be decoded."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plimsoll.domain.identity import ResultKey, parse_key
from plimsoll.domain.record import Record
from plimsoll.domain.scored import ScoredResult
from plimsoll.wire.headers import ABSENCE, CE_ID, LOWER_BOUND, REVISION


@dataclass(frozen=True, slots=True)
class Headline:
    """Whose score, which one, and its lower bound; None where it has no confidence."""

    key: ResultKey
    revision: int
    score_id: str
    lower_bound: float | None


def headline_of(record: Record) -> Headline | None:
    """Reads key and headers; None where they do not say everything."""
    found = dict(record.headers)
    try:
        key = parse_key((record.key or b"").decode())
        revision = int(found[REVISION])
        score_id = found[CE_ID].decode()
        lower_bound = float(found[LOWER_BOUND]) if LOWER_BOUND in found else None
    except (KeyError, ValueError):
        return None
    if lower_bound is None and ABSENCE not in found:
        return None
    if lower_bound is not None and math.isnan(lower_bound):
        return None
    return Headline(key, revision, score_id, lower_bound)


def headline_in(scored: ScoredResult) -> Headline:
    """The same from the event itself."""
    estimate = scored.confidence.estimate
    lower_bound = None if estimate is None else estimate.interval.lower
    return Headline(scored.key, scored.revision, scored.score_id, lower_bound)

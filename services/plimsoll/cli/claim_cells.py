"""Labels of claims as people write them: `0-21:1 22-50:0`, by the offsets that look-ups show."""

from __future__ import annotations

import re
from collections.abc import Sequence

from plimsoll.cli.labels import label_of
from plimsoll.domain.feedback import ClaimLabel

# Nothing is kept of the response, and that was looked at.
NONE = "none"
_UNSAID = "?"
# Ten digits are more than any response has code points.
_CLAIM = re.compile(r"([0-9]{1,9})-([0-9]{1,9}):(\S{1,40})")


def parse_claims(text: str) -> tuple[ClaimLabel, ...] | None:
    """Labels of claims; None where none is filled in, and empty for `none`.

    Each is START-END:LABEL, as 0-21:1, with a blank between; `?` is not filled in yet. ValueError
    says which is none.
    """
    words = text.split()
    if words == [NONE]:
        return ()
    found = [label for label in map(_label, words) if label is not None]
    return tuple(sorted(found)) or None


def claims_cell(claims: Sequence[tuple[int, int]]) -> str:
    """What is to be filled in for claims with these offsets."""
    return " ".join(f"{start}-{end}:{_UNSAID}" for start, end in claims) or NONE


def claims_text(labels: Sequence[ClaimLabel]) -> str:
    """Labels as they are written."""
    return " ".join(f"{one.start}-{one.end}:{one.correct:d}" for one in labels) or NONE


def _label(word: str) -> ClaimLabel | None:
    given = _CLAIM.fullmatch(word)
    if given is None:
        raise ValueError(f"{word[:40]!r} is no label of a claim, as 0-21:1 or 22-50:0")
    start, end = int(given[1]), int(given[2])
    if given[3] == _UNSAID:
        return None
    true = label_of({"claim": given[3]}, "claim")
    if start >= end or true is None:
        raise ValueError(f"{word[:40]!r} is no stretch of a text")
    return ClaimLabel(start, end, true == 1)

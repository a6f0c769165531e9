"""What somebody probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Collection

_LISTED = 16


def near(word: str, known: Collection[str]) -> str:
    """A half-sentence that offers the nearest known word, or all of them where they are few."""
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]}?"
    if not known:
        return "none is known"
    if len(known) <= _LISTED:
        return f"known are {', '.join(sorted(known))}"
    return f"{len(known)} are known"

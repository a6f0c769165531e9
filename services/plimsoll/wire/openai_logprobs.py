"""Log-probabilities as OpenAI and its imitators write them, as columns."""

from __future__ import annotations

import math
from collections.abc import Sequence

from plimsoll.domain.result import Tokens, usual_count
from plimsoll.wire.loose import field, items, number, text

# OpenAI's mark for a token outside the most likely twenty: no logarithm of anything. As -inf, no
# metric takes it for a number.
_OUTSIDE = -9_999.0


def tokens_of(entries: Sequence[object]) -> Tokens | None:
    """Columns of `{token, logprob, top_logprobs}`; None where there are none."""
    if not entries:
        return None
    top = [items(entry, "top_logprobs") for entry in entries]
    counts = [len(alternatives) for alternatives in top]
    even = len(set(counts)) == 1
    flat = [one for alternatives in top for one in _best_first(alternatives)]
    return Tokens(
        logprobs=tuple(map(_logprob, entries)),
        texts=tuple(text(entry, "token") for entry in entries),
        top_k=usual_count(counts),
        top_counts=() if even else tuple(counts),
        top_logprobs=tuple(map(_logprob, flat)),
        top_texts=tuple(text(one, "token") for one in flat),
    )


def _best_first(alternatives: Sequence[object]) -> Sequence[object]:
    return sorted(alternatives, key=_logprob, reverse=True)


def _logprob(entry: object) -> float:
    if field(entry, "logprob") is None:
        return -math.inf
    value = number(entry, "logprob")
    return -math.inf if value is None or value <= _OUTSIDE else value

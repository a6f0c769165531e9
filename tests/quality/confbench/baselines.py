"""Trivial baselines: what length, overlap and plain agreement tell without any model."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from plimsoll.metrics.stopwords import STOPWORDS
from plimsoll.metrics.words import folded, words
from tests.quality.public_data import Labelled

Floats = NDArray[np.float64]
_NOVEL = re.compile(r"\d[\d.,]*|\b[A-Z][a-z]\w*")


def length(item: Labelled) -> float | None:
    """Minus the characters of the response: shorter is higher."""
    return -float(len(item.result.response.text))


def content_overlap(item: Labelled) -> float | None:
    """Share of the response's content words that the context has."""
    context = set(_context_words(item))
    content = [word for word in words(folded(item.result.response.text)) if word not in STOPWORDS]
    if not context or not content:
        return None
    return sum(word in context for word in content) / len(content)


def novelty(item: Labelled) -> float | None:
    """Minus the share of numbers and capitalised words that the context does not have."""
    context = " ".join(document.text for document in item.result.context).lower()
    named = _NOVEL.findall(item.result.response.text)
    if not context:
        return None
    return -sum(name.lower() not in context for name in named) / max(1, len(named))


def longest_common(item: Labelled) -> float | None:
    """ROUGE-L precision: the longest common subsequence with the context, over the response."""
    context, mine = _context_words(item), words(folded(item.result.response.text))
    if not context or not mine:
        return None
    # Bit-parallel (Hyyrö, 2004): one bit for each word of the context.
    places: dict[str, int] = {}
    for place, word in enumerate(context):
        places[word] = places.get(word, 0) | 1 << place
    everything = (1 << len(context)) - 1
    row = everything
    for word in mine:
        found = row & places.get(word, 0)
        row = ((row + found) | (row - found)) & everything
    return (len(context) - row.bit_count()) / len(mine)


def token_jaccard(item: Labelled) -> float | None:
    """Mean Jaccard index of word sets with the samples."""
    mine = set(_answer_words(item))
    others = [set(words(folded(a.response.text))) for a in item.result.alternatives]
    if not others:
        return None
    return float(np.mean([len(mine & other) / (len(mine | other) or 1) for other in others]))


def exact_agreement(item: Labelled) -> float | None:
    """Share of samples that are the answer, case and punctuation aside."""
    mine = _answer_words(item)
    others = [words(folded(a.response.text)) for a in item.result.alternatives]
    return None if not others else sum(other == mine for other in others) / len(others)


BASELINES: dict[str, Callable[[Labelled], float | None]] = {
    "length": length,
    "content overlap": content_overlap,
    "ROUGE-L with context": longest_common,
    "novel names and numbers": novelty,
    "Jaccard with samples": token_jaccard,
    "exact agreement": exact_agreement,
}


def baseline_columns(items: Sequence[Labelled]) -> dict[str, Floats]:
    """A column a baseline, shape (n,), NaN where it cannot be had."""
    return {
        name: np.array([np.nan if (v := score(i)) is None else v for i in items])
        for name, score in BASELINES.items()
    }


def _context_words(item: Labelled) -> list[str]:
    return [word for document in item.result.context for word in words(folded(document.text))]


def _answer_words(item: Labelled) -> list[str]:
    """The answer alone where its source tells it from the reasoning before it."""
    return words(folded(item.answer or item.result.response.text))

"""Pairwise Jaccard similarity of a result's responses, made once and shared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.graphs import Graph, graph
from plimsoll.metrics.last import Last
from plimsoll.metrics.reading import Reading, chars, read

# Different sets of words; the table of their pairs is kept in memory.
MAX_NODES = 500
# Words looked up in other responses, in all pairs together; a second is about 50 million.
MAX_LOOKUPS = 50_000_000
# So many columns of the table of words become floating-point numbers at once: 16 MB.
_BLOCK_WORDS = 4_096


def jaccard_work(result: LlmResult) -> int:
    """Steps of reading each text once and comparing each pair of responses."""
    nodes = len(result.alternatives) + 1
    # A word is four characters or more, with a blank, and is looked up in every other response;
    # a spectrum takes a step for 12 cells of the table times its rows.
    table = 2 * nodes * nodes + nodes**3 // 12
    return 300 + 2 * chars(result) + table + nodes * chars(result) // 32


def jaccard_graph(result: LlmResult) -> Graph | Absence:
    """Responses as nodes, |A and B| / |A or B| of their sets of words as weights of edges.

    Responses with the same words are one node with a count; one without any word is like
    itself alone.
    """
    reading = read(result)
    return reading if isinstance(reading, Absence) else _last.of(reading)


def _graph(reading: Reading) -> Graph | Absence:
    # A text without words stands for itself: it is no word, so it shares none.
    keys = [
        frozenset(found or (text,))
        for found, text in zip(reading.words, reading.texts, strict=True)
    ]
    # A fixed order, so that sums and decompositions are the same for any order of samples.
    in_order = sorted(range(len(keys)), key=reading.texts.__getitem__)
    counts = dict.fromkeys([keys[answer] for answer in in_order], 0)
    for answer in reading.answers:
        counts[keys[answer]] += 1
    nodes = list(counts)
    lookups = sum(map(len, nodes)) * len(nodes) // 2
    if len(nodes) > MAX_NODES or lookups > MAX_LOOKUPS:
        detail = f"{len(nodes)} different responses, {lookups} words to look up, are too many"
        return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
    return graph(
        affinity="jaccard",
        weights=similarities(nodes),
        counts=list(counts.values()),
        delivered=nodes.index(keys[reading.answers[0]]),
        reading=reading,
        provenance=reading.provenance,
    )


def similarities(nodes: Sequence[frozenset[str]]) -> NDArray[np.float64]:
    """Jaccard similarity of each pair of sets, none of them empty; shape (K, K).

    A table of ones where a set has a word, times itself, counts what pairs share: whole numbers,
    which are exact whatever the order they are added up in.
    """
    width = len(frozenset().union(*nodes))
    column: dict[str, int] = {}
    place = column.setdefault
    cells = bytearray(len(nodes) * width)
    start = 0
    for words in nodes:
        for word in words:
            cells[start + place(word, len(column))] = 1
        start += width
    table = np.frombuffer(cells, np.uint8).reshape(len(nodes), width)
    if width <= _BLOCK_WORDS:
        numbers = table.astype(np.float64)
        shared = numbers @ numbers.T
    else:
        shared = np.zeros((len(nodes), len(nodes)))
        for first in range(0, width, _BLOCK_WORDS):
            block = table[:, first : first + _BLOCK_WORDS].astype(np.float64)
            shared += block @ block.T
    sizes = shared.diagonal()
    similar: NDArray[np.float64] = shared / (sizes[:, None] + sizes - shared)
    return similar


_last = Last(_graph)

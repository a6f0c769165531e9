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
    keys = [
        frozenset(found) or text for found, text in zip(reading.words, reading.texts, strict=True)
    ]
    counts: dict[frozenset[str] | str, int] = {}
    for answer in reading.answers:
        counts[keys[answer]] = counts.get(keys[answer], 0) + 1
    lookups = sum([len(key) for key in counts]) * len(counts) // 2
    if len(counts) > MAX_NODES or lookups > MAX_LOOKUPS:
        detail = f"{len(counts)} different responses, {lookups} words to look up, are too many"
        return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
    # A fixed order, so that sums and decompositions are the same for any order of samples.
    key_of = dict(zip(reading.texts, keys, strict=True))
    nodes = list(dict.fromkeys([key_of[text] for text in sorted(key_of)]))
    return graph(
        affinity="jaccard",
        weights=similarities(nodes),
        counts=[counts[node] for node in nodes],
        delivered=nodes.index(keys[reading.answers[0]]),
        reading=reading,
        provenance=reading.provenance,
    )


def similarities(nodes: Sequence[frozenset[str] | str]) -> NDArray[np.float64]:
    """Jaccard similarity of each pair of different nodes; shape (K, K), ones on the diagonal."""
    count = len(nodes)
    # A response without words is a string here, and shares none.
    sets = [node if isinstance(node, frozenset) else frozenset[str]() for node in nodes]
    sizes = [len(words) for words in sets]
    cells = [1.0] * (count * count)
    for row, one in enumerate(sets):
        size = sizes[row]
        for column in range(row):
            both = len(one & sets[column])
            share = both / (size + sizes[column] - both) if both else 0.0
            cells[row * count + column] = cells[column * count + row] = share
    return np.array(cells).reshape(count, count)


_last = Last(_graph)

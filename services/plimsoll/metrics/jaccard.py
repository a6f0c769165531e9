"""Pairwise Jaccard similarity of a result's responses, made once and shared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.graphs import Graph
from plimsoll.metrics.last import Last
from plimsoll.metrics.reading import Reading, chars, read

# Different sets of words; the table of their pairs is kept in memory.
MAX_NODES = 500
# Cells of all tables of words by responses; a second is about ten thousand million.
MAX_CELLS = 10_000_000_000
_COLUMNS = 4_096


def jaccard_work(result: LlmResult) -> int:
    """Steps of reading each text once and comparing each pair of responses."""
    nodes = len(result.alternatives) + 1
    # A word is four characters or more, with a blank; a step is 100 ns, and 1,000 cells.
    return 300 + 2 * chars(result) + nodes * nodes * (1 + chars(result) // 4_000)


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
    sets = [key for key in counts if isinstance(key, frozenset)]
    vocabulary = len(set().union(*sets))
    if len(counts) > MAX_NODES or len(counts) ** 2 * vocabulary > MAX_CELLS:
        detail = f"{len(counts)} different responses of {vocabulary} words are too many to compare"
        return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
    # A fixed order, so that sums and decompositions are the same for any order of samples.
    nodes = sorted(counts, key=_order)
    return Graph(
        affinity="jaccard",
        weights=similarities(nodes),
        counts=np.array([counts[node] for node in nodes], dtype=np.float64),
        delivered=nodes.index(keys[reading.answers[0]]),
        reading=reading,
    )


def _order(node: frozenset[str] | str) -> tuple[int, list[str]]:
    return (0, [node]) if isinstance(node, str) else (1, sorted(node))


def similarities(nodes: list[frozenset[str] | str]) -> NDArray[np.float64]:
    """Jaccard similarity of each pair of different nodes; shape (K, K), ones on the diagonal."""
    codes: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for row, node in enumerate(nodes):
        if isinstance(node, frozenset):
            columns += [codes.setdefault(word, len(codes)) for word in node]
            rows += [row] * len(node)
    table = np.zeros((len(nodes), len(nodes)))
    row_of, column_of = np.array(rows, dtype=np.intp), np.array(columns, dtype=np.intp)
    for start in range(0, len(codes), _COLUMNS):
        width = min(_COLUMNS, len(codes) - start)
        block = np.zeros((len(nodes), width))
        chosen = (column_of >= start) & (column_of < start + width)
        block[row_of[chosen], column_of[chosen] - start] = 1.0
        # Counts are whole numbers, so their sums are exact in any order.
        table += block @ block.T
    sizes = table.diagonal()
    union = sizes[:, None] + sizes[None, :] - table
    similar = np.divide(table, union, out=np.zeros_like(table), where=union > 0.0)
    np.fill_diagonal(similar, 1.0)
    return similar


_last = Last(_graph)

"""Models of a few lines, for metrics that use one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from plimsoll.ports.tools import Entailment, Tools
from tests.support.fake_sandbox import HashSandbox

_WIDTH = 16


class WordEntailment:
    """A premise entails a hypothesis by the share of its words that it has.

    The rest is contradiction and neutral, as four to one.
    """

    def __init__(self, name: str = "words@1") -> None:
        self.name = name
        self.asked: list[tuple[str, str]] = []

    def judge(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Entailment]:
        """One answer a pair; what was asked is kept."""
        self.asked += pairs
        return [self._one(set(premise.split()), set(said.split())) for premise, said in pairs]

    def _one(self, premise: set[str], said: set[str]) -> Entailment:
        share = len(premise & said) / len(said) if said else 0.5
        return Entailment(share, 0.2 * (1.0 - share), 0.8 * (1.0 - share))


class TableEntailment:
    """Answers out of a table; a pair that is not in it is neutral."""

    def __init__(self, table: Mapping[tuple[str, str], Entailment]) -> None:
        self._table = table
        # As real models: a name stands for what it answers.
        content = repr(sorted(table.items(), key=repr)).encode()
        self.name = f"table@{hashlib.sha256(content).hexdigest()[:8]}"

    def judge(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Entailment]:
        """One answer a pair."""
        return [self._table.get(pair, Entailment(0.0, 1.0, 0.0)) for pair in pairs]


class LetterEmbedder:
    """Counts of characters by their code points' last bits, as a vector of length 1."""

    name = "letters@1"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One row a text; shape (n, 16)."""
        rows = np.ones((len(texts), _WIDTH))
        for row, text in enumerate(texts):
            for character in text:
                rows[row, ord(character) % _WIDTH] += 1.0
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


FAKE_TOOLS = Tools(embedder=LetterEmbedder(), entailment=WordEntailment(), sandbox=HashSandbox())

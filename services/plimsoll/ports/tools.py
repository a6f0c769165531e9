"""What metrics may use besides the result: models and a sandbox, where they are configured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.metric import Need
from plimsoll.ports.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Entailment:
    """What a model makes of a premise and a hypothesis: three probabilities that add up to 1."""

    entails: float
    neutral: float
    contradicts: float


class Embedder(Protocol):
    """Turns texts into vectors; pure, and safe to call from several threads."""

    @property
    def name(self) -> str:
        """Model and revision: part of the provenance of every number that rests on it."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One row of length 1 a text; shape (n, d)."""


class EntailmentModel(Protocol):
    """Natural language inference; pure, and safe to call from several threads."""

    @property
    def name(self) -> str:
        """Model and revision: part of the provenance of every number that rests on it."""

    def judge(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Entailment]:
        """One answer for each (premise, hypothesis), in that order."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What is configured; None where nothing is, which a metric answers with `not_configured`."""

    embedder: Embedder | None = None
    entailment: EntailmentModel | None = None
    sandbox: Sandbox | None = None

    @property
    def configured(self) -> frozenset[Need]:
        """The needs that these tools meet."""
        tools = {
            Need.EMBEDDING_MODEL: self.embedder,
            Need.ENTAILMENT_MODEL: self.entailment,
            Need.SANDBOX: self.sandbox,
        }
        return frozenset(need for need, tool in tools.items() if tool is not None)


NO_TOOLS = Tools()

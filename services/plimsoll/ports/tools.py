"""What metrics may use besides the result, where it is configured: models, a sandbox, labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.absence import Absence
from plimsoll.domain.claims import ClaimGroup, ClaimPromise, ClaimScoring
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
class RightGiven:
    """P(right) in [0, 1], and what it would be if the result itself were known wrong, or right."""

    point: float
    lower: float
    upper: float


class Lineage(Protocol):
    """What labels have taught of results that were made from others; pure."""

    @property
    def name(self) -> str:
        """A hash of what was learned: part of the provenance of every number that rests on it."""

    @property
    def labels(self) -> int:
        """From how many labelled results."""

    def right_given(self, parents: float) -> RightGiven:
        """P(right) of a result, given a lower bound in [0, 1] on all of its parents being right."""


class LearnedClaims(Protocol):
    """What labels of claims have taught of which to keep; pure."""

    @property
    def name(self) -> str:
        """A hash of what was learned: goes with every promise."""

    def promise(self, scoring: ClaimScoring, group: ClaimGroup) -> ClaimPromise | Absence:
        """What may be promised of claims that are scored so, or why nothing may."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What is configured; None where nothing is, which a metric answers with `not_configured`."""

    embedder: Embedder | None = None
    entailment: EntailmentModel | None = None
    sandbox: Sandbox | None = None
    lineage: Lineage | None = None
    claims: LearnedClaims | None = None

    @property
    def configured(self) -> frozenset[Need]:
        """The needs that models and the sandbox meet; what waits for nothing is none of them."""
        tools = {
            Need.EMBEDDING_MODEL: self.embedder,
            Need.ENTAILMENT_MODEL: self.entailment,
            Need.SANDBOX: self.sandbox,
        }
        return frozenset(need for need, tool in tools.items() if tool is not None)


NO_TOOLS = Tools()

"""How often results were right, given what the results that they were made from left of them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from plimsoll.calibration.calibrators import venn_abers
from plimsoll.domain.errors import ConfigurationError
from plimsoll.ports.tools import RightGiven

SCHEMA = 1
MIN_LABELS = 50
# Of right ones and of wrong ones.
MIN_OF_EACH = 10
# What is kept of more: each result costs a pass over all of them.
MAX_PAIRS = 2_000

# The lower bound on all parents being right, and whether the result was.
Pair = tuple[float, bool]


@dataclass(frozen=True, slots=True)
class LineageConditional:
    """Labelled results by their parents' lower bound; `pairs` rise, `labels` counts all seen."""

    pairs: tuple[Pair, ...]
    labels: int

    @property
    def name(self) -> str:
        """A hash of what decides numbers."""
        told = json.dumps(self._model(), separators=(",", ":"))
        return f"lineage-{hashlib.sha256(told.encode()).hexdigest()[:16]}"

    def right_given(self, parents: float) -> RightGiven:
        """P(right) of a result whose parents leave that much, by inductive Venn-Abers.

        Valid where the result is exchangeable with the labelled ones; supposes no more of the
        relation than that results are right no less often on surer parents.
        """
        bounds = [bound for bound, _ in self.pairs]
        found = venn_abers([right for _, right in self.pairs], bounds, parents)
        return RightGiven(found.point, min(found.lower, found.upper), max(found.lower, found.upper))

    def text(self) -> str:
        """The artefact as it is kept."""
        return json.dumps({"schema": SCHEMA, "model": self._model()}, indent=1)

    def _model(self) -> dict[str, Any]:
        return {
            "labels": self.labels,
            "pairs": [[bound, int(right)] for bound, right in self.pairs],
        }


def learned(pairs: Iterable[Pair]) -> LineageConditional:
    """The conditional of labelled results, in any order; ConfigurationError where they are few."""
    given = sorted(pairs)
    right = sum(is_right for _, is_right in given)
    if len(given) < MIN_LABELS or min(right, len(given) - right) < MIN_OF_EACH:
        raise ConfigurationError(
            f"{len(given)} labelled results with parents ({right} right) say too little: it takes "
            f"{MIN_LABELS}, and {MIN_OF_EACH} each of right and wrong ones"
        )
    # Every so manieth of the sorted ones, which keeps how they lie.
    step = len(given) / min(len(given), MAX_PAIRS)
    kept = tuple(given[int(place * step)] for place in range(min(len(given), MAX_PAIRS)))
    return LineageConditional(kept, len(given))


def parse_conditional(text: str) -> LineageConditional:
    """Reads an artefact; ConfigurationError says what is wrong with it."""
    try:
        return _conditional(json.loads(text))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"the conditional of lineage cannot be read ({type(error).__name__}: {error}); "
            "learn it again from labelled results"
        ) from error


def _conditional(document: Mapping[str, Any]) -> LineageConditional:
    if document["schema"] != SCHEMA:
        raise ValueError(f"schema {document['schema']}, {SCHEMA} expected")
    model = document["model"]
    pairs = tuple(_pair(bound, right) for bound, right in model["pairs"])
    if not 0 < len(pairs) <= MAX_PAIRS or list(pairs) != sorted(pairs):
        raise ValueError(f"{len(pairs)} pairs, or out of order")
    return LineageConditional(pairs, int(model["labels"]))


def _pair(bound: object, right: object) -> Pair:
    number = float(str(bound))
    if not (math.isfinite(number) and 0.0 <= number <= 1.0 and right in (0, 1)):
        raise ValueError("a pair is not a bound in [0, 1] with 0 or 1")
    return number, right == 1

"""The response's probability times how near its alternatives are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy

import numpy as np
import pytest
from numpy.typing import NDArray

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Tokens
from plimsoll.metrics.consistency_and_confidence import ConsistencyAndConfidence
from plimsoll.metrics.embedding_cosine import EmbeddingCosine
from plimsoll.ports.tools import NO_TOOLS
from tests.support.fake_models import LetterEmbedder
from tests.unit.metrics.results import result
from tests.unit.metrics.tokens import GOLDEN, INF, measured_of, refused_of


class Cosines:
    """Vectors whose cosine with that of `Paris` is given; counts what it was asked."""

    name = "cosines@1"

    def __init__(self, cosines: Mapping[str, float]) -> None:
        self._cosines = {"Paris": 1.0, **cosines}
        self.asked = 0

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One row of length 1 a text."""
        self.asked += len(texts)
        rows = [(self._cosines[text], np.sqrt(1.0 - self._cosines[text] ** 2)) for text in texts]
        return np.array(rows)


def test_the_golden_vector() -> None:
    """Cosines [.9, .8, .3] with the golden tokens: .515560820 x .833333333 = .429634017."""
    model = Cosines({"a": 0.9, "b": 0.8, "c": 0.3})
    given = result("Paris", tokens=Tokens(GOLDEN), samples=["a", "b", "c"])
    found = measured_of(ConsistencyAndConfidence(model), given)
    assert found.value == pytest.approx(0.429634017, abs=1e-9)
    assert dict(found.provenance)["embedding_model"] == "cosines@1"


def test_two_metrics_ask_the_model_once() -> None:
    """The cosine of the same texts is not asked for again, though the result comes anew."""
    model = Cosines({"once": 0.9})
    given = result("Paris", tokens=Tokens(GOLDEN), samples=["once"])
    cosine = measured_of(EmbeddingCosine(model), given).value
    product = measured_of(ConsistencyAndConfidence(model), deepcopy(given)).value
    assert product == pytest.approx(0.515560820 * cosine, abs=1e-9)
    assert model.asked == 2


def test_what_is_missing_is_told() -> None:
    """No model, no tokens and broken tokens are absences of three kinds."""
    given = result("Paris", tokens=Tokens(GOLDEN), samples=["a"])
    bare = ConsistencyAndConfidence.with_tools(NO_TOOLS)
    assert refused_of(bare, given).reason is AbsenceReason.NOT_CONFIGURED
    metric = ConsistencyAndConfidence(LetterEmbedder())
    none = result("Paris", samples=["a"])
    assert refused_of(metric, none).reason is AbsenceReason.INPUT_MISSING
    broken = result("Paris", tokens=Tokens((-INF,)), samples=["a"])
    assert refused_of(metric, broken).reason is AbsenceReason.INPUT_INVALID

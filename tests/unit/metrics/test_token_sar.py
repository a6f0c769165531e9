"""Sequence probability with tokens weighed by relevance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Tokens
from plimsoll.metrics.sequence_probability import SequenceProbability
from plimsoll.metrics.token_sar import MAX_TOKENS, TokenSar
from plimsoll.ports.tools import NO_TOOLS
from tests.support.fake_models import LetterEmbedder
from tests.unit.metrics.results import result
from tests.unit.metrics.tokens import GOLDEN, INF, measured, refused


class Cosines:
    """Vectors whose cosine with that of the whole text is given."""

    name = "cosines@1"

    def __init__(self, cosines: Mapping[str, float]) -> None:
        self._cosines = cosines
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One row of length 1 a text."""
        self.asked += texts
        known = [self._cosines.get(text, 1.0) for text in texts]
        return np.array([(cosine, math.sqrt(1.0 - cosine**2)) for cosine in known])


# Without "It " nothing is lost, without "is " a fifth, without "Paris" four fifths.
MODEL = Cosines({"is Paris": 1.0, "It Paris": 0.8, "It is ": 0.2})
TOKENS = Tokens((-3.0, -1.0, -0.5), texts=("It ", "is ", "Paris"))


def test_tokens_count_by_their_relevance() -> None:
    """Relevance [0, .2, .8] with log p [-3, -1, -.5]: S = .2 + .4, and the value is exp(-S)."""
    found = measured(TokenSar(MODEL), TOKENS, "It is Paris")
    assert found.raw_value == pytest.approx(0.6, abs=1e-9)
    assert found.value == pytest.approx(math.exp(-0.6), abs=1e-9)
    assert [item.text for item in found.evidence] == ["Paris"]
    assert dict(found.provenance)["embedding_model"] == "cosines@1"


def test_where_all_tokens_count_alike_it_is_the_sequence_probability() -> None:
    """Equal relevance gives the mean log-probability: .515560820 for the golden vector."""
    tokens = Tokens(GOLDEN, texts=("a", "b", "c", "d"))
    model = Cosines({"bcd": 0.5, "acd": 0.5, "abd": 0.5, "abc": 0.5})
    found = measured(TokenSar(model), tokens, "abcd")
    assert found.value == pytest.approx(0.515560820, abs=1e-9)
    assert found.value == pytest.approx(measured(SequenceProbability(), tokens, "abcd").value)


def test_the_same_text_is_asked_for_once() -> None:
    """Of equal tokens each may go: the text that is left is embedded once."""
    model = Cosines({"aa": 0.5})
    measured(TokenSar(model), Tokens((-0.1, -0.2, -0.3), texts=("a",) * 3), "aaa")
    assert model.asked == ["aaa", "aa"]


def test_a_meaning_that_hangs_on_no_token_is_an_absence() -> None:
    """Where no token changes the vector there are no weights, and none are made up."""
    assert refused(TokenSar(Cosines({})), TOKENS, "It is Paris") is AbsenceReason.NOT_APPLICABLE


def test_what_is_missing_is_told() -> None:
    """No model, no texts of tokens, too many tokens and broken ones: four kinds of absence."""
    assert refused(TokenSar.with_tools(NO_TOOLS), TOKENS) is AbsenceReason.NOT_CONFIGURED
    metric = TokenSar(LetterEmbedder())
    assert refused(metric, Tokens((-0.1,))) is AbsenceReason.INPUT_MISSING
    many = Tokens((-0.1,) * (MAX_TOKENS + 1), texts=("a",) * (MAX_TOKENS + 1))
    assert refused(metric, many) is AbsenceReason.INPUT_TOO_LARGE
    assert refused(metric, Tokens((-INF,), texts=("Paris",))) is AbsenceReason.INPUT_INVALID


def test_work_is_bounded_by_what_is_allowed() -> None:
    """A response of a million tokens is not estimated as a million runs: it will not be asked."""
    given = result(tokens=Tokens((-0.1,) * 10_000, texts=("a",) * 10_000))
    assert TokenSar(LetterEmbedder()).work(given) < 30_000_000

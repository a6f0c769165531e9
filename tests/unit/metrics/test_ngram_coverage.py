"""Word pairs of the response in the context."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.metrics.ngram_coverage import NgramCoverage
from tests.unit.metrics.grounded import of, reason

METRIC = NgramCoverage()


def test_share_of_pairs() -> None:
    """`the dog bit the man` has four pairs, of which `the man bit the dog` has three."""
    score = of(METRIC, "The dog bit the man.", "the man bit the dog")
    assert score.value == pytest.approx(3 / 4)
    assert score.raw_value == 3.0


def test_no_pair_reaches_over_two_documents() -> None:
    """The end of one document and the beginning of the next are not neighbours."""
    assert of(METRIC, "red tower", "it is red", "tower of stone").value == 0.0


def test_one_word_has_no_pair() -> None:
    """It is not applicable."""
    assert reason(of(METRIC, "Paris", "Paris")) is AbsenceReason.NOT_APPLICABLE

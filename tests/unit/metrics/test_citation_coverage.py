"""Sentences that cite, and what the cited documents have of them."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.metrics.citation_coverage import CitationCoverage
from tests.unit.metrics.grounded import cut_out, of, reason

METRIC = CitationCoverage()
TOWER, BRIDGE = "The tower was opened in 1889.", "The bridge was closed in 1901."


def test_a_sentence_is_held_against_the_documents_that_it_cites() -> None:
    """The right document bears all of it, the other one only the word that both have in common."""
    assert of(METRIC, "The tower was opened in 1889 [1].", TOWER, BRIDGE).value == 1.0
    assert of(METRIC, "The tower was opened in 1889 [2].", TOWER, BRIDGE).value == 0.0
    assert of(METRIC, "Tower and bridge [1, 2].", TOWER, BRIDGE).value == 1.0


def test_a_citation_behind_the_full_stop_belongs_to_the_sentence() -> None:
    """`... so. [1] Then ...` cites for what went before."""
    text = "The tower opened. [1] Bananas are yellow. [2]"
    assert of(METRIC, text, TOWER, "Bananas: yellow.").value == 1.0
    assert of(METRIC, text, "Bananas: yellow.", TOWER).value == 0.0


def test_a_citation_of_nothing_bears_nothing() -> None:
    """The sentence counts, with no share."""
    text = "The tower was opened in 1889 [1]. It is tall [7]."
    score = of(METRIC, text, TOWER)
    assert score.value == pytest.approx(0.5)
    assert score.raw_value == 0.0
    assert cut_out(score, "weak_citation", text) == ["It is tall [7]."]


def test_sentences_that_do_not_cite_do_not_count() -> None:
    """Without any citation there is no number."""
    assert of(METRIC, "Bananas. The tower was opened [1].", TOWER).value == 1.0
    assert reason(of(METRIC, "The tower was opened.", TOWER)) is AbsenceReason.NOT_APPLICABLE
    assert reason(of(METRIC, "[1]", TOWER)) is AbsenceReason.NOT_APPLICABLE

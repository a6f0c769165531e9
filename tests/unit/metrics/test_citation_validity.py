"""Citations that name a document which is there."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import TaskKind
from plimsoll.metrics.citation_validity import CitationValidity
from plimsoll.metrics.citations import citations
from plimsoll.metrics.evaluate import evaluate
from tests.unit.metrics.grounded import cut_out, grounded, of, reason

METRIC = CitationValidity()


def cited(text: str, *ids: str) -> list[int | None]:
    """Places of the documents that a text cites."""
    return [citation.document for citation in citations(text, ids)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("So it is [1].", [0]),
        ("So it is [1][3].", [0, None]),
        ("So it is [1, 2; 4].", [0, 1, None]),
        ("So it is [1-3].", [0, 1, None]),
        ("So it is \u30102\u2020source\u3011.", [1]),
        ("In [2019] it was (see below).", []),
        ("[0]", [None]),
    ],
)
def test_numbers_count_documents_from_one(text: str, expected: list[int | None]) -> None:
    """Lists and ranges are several citations; a year in brackets is none."""
    assert cited(text, "", "") == expected


def test_documents_are_named_by_their_ids() -> None:
    """Square or round brackets; what differs from an ID in digits only cites a missing one."""
    assert cited("A (doc-2), B [DOC-1], C [doc-9], D (aside).", "doc-1", "doc-2") == [1, 0, None]


def test_where_ids_are_numbers_places_do_not_count() -> None:
    """Of documents 17 and 18 [17] is the first and [1] is none."""
    assert cited("[17] [1]", "17", "18") == [0, None]


def test_the_share_and_the_offsets_of_unknown_citations() -> None:
    """Two of three name a document; evidence cuts the third out."""
    text = "\U0001d518 one [1], two [2], three [7]."
    score = of(METRIC, text, "a", "b")
    assert score.value == pytest.approx(2 / 3)
    assert cut_out(score, "unknown_citation", text) == ["[7]"]
    assert [item.ref for item in score.evidence if item.kind == "cited_document"] == [
        "context[0]",
        "context[1]",
    ]


def test_no_citation_is_not_applicable() -> None:
    """A response without citations is not 1."""
    assert reason(of(METRIC, "It is (so).", "a")) is AbsenceReason.NOT_APPLICABLE


@pytest.mark.parametrize("kind", [TaskKind.CODE, TaskKind.MATH])
def test_brackets_of_code_cite_nothing(kind: TaskKind) -> None:
    """x[1] is an index."""
    assert (
        reason(evaluate(METRIC, grounded("x[1]", "a", kind=kind))) is AbsenceReason.NOT_APPLICABLE
    )


@pytest.mark.parametrize("text", ["[" * 500_000, "[1," * 200_000, "(" * 500_000, "[1-" * 200_000])
def test_nested_brackets_are_read_through(text: str) -> None:
    """Brackets that never close hold no citation, and cost no more than reading."""
    assert cited(text, "doc-1") == []

"""Names of the response that the context has."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.metrics.entity_containment import EntityContainment
from plimsoll.metrics.names import names
from plimsoll.metrics.passages import sentences
from plimsoll.metrics.words import word_spans
from tests.unit.metrics.grounded import cut_out, of, reason

METRIC = EntityContainment()


def found(text: str) -> list[str]:
    """The names of a text as written."""
    return [text[name.start : name.end] for name in names(text, word_spans(text), sentences(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Eiffel Tower stands in Paris.", ["Eiffel Tower", "Paris"]),
        ("However, the mayor met J. Edgar Hoover.", ["J. Edgar Hoover"]),
        ("Water boils at a hundred degrees.", []),
        ("Paris.", ["Paris"]),
        ("Barack Obama won. I know it.", ["Barack Obama"]),
        ("she bought an iPhone from NASA", ["iPhone", "NASA"]),
        ("O'Brien met the team of B2B", ["O'Brien", "B2B"]),
        ("\u5df4\u9ece\u5728\u6cd5\u56fd", []),
        ("", []),
    ],
)
def test_names_are_told_by_their_capitals(text: str, expected: list[str]) -> None:
    """The capital of a sentence makes no name of its first word; a run of capitals is one."""
    assert found(text) == expected


def test_the_share_and_the_offsets_of_names_from_nowhere() -> None:
    """One of two names stands in the context; evidence cuts the other out."""
    text = "\U0001d518 It was built by Gustave Eiffel in Lyon."
    score = of(METRIC, text, "Gustave Eiffel built it.")
    assert score.value == 0.5
    assert cut_out(score, "unsupported_name", text) == ["Lyon"]


def test_a_name_is_borne_whole_or_not() -> None:
    """Half of a name bears nothing, and a plural s does not matter."""
    assert of(METRIC, "It was Gustave Eiffel.", "It was Eiffel.").value == 0.0
    assert of(METRIC, "They are Americans.", "an American").value == 1.0


def test_a_name_of_the_request_claims_nothing() -> None:
    """What was asked about is not counted where the context does not have it."""
    score = of(METRIC, "Edison died in Lyon.", "He died in Lyon.", question="Where did Edison die?")
    assert score.value == 1.0


def test_without_a_name_there_is_no_number() -> None:
    """It is not applicable, not 1."""
    assert reason(of(METRIC, "it is blue", "It is Blue.")) is AbsenceReason.NOT_APPLICABLE


@pytest.mark.parametrize(
    "text",
    [
        "It was built by Gustave Eiffel [d0].",
        "It was built by Gustave Eiffel [doc_1, doc_2].",
        "It was built [Source 3] by Gustave Eiffel\u3010D1\u3011.",
        "It was built by Gustave Eiffel [context-1].",
    ],
)
def test_a_mark_that_cites_is_no_name(text: str) -> None:
    """Brackets with a document's ID, or with a word and a number, name nobody."""
    score = of(METRIC, text, "Gustave Eiffel built it.")
    assert score.value == 1.0
    assert dict(score.provenance)["names"] == "1"


def test_a_name_in_brackets_is_one() -> None:
    """What stands in brackets without a number is said, not cited."""
    assert of(METRIC, "It was [Gustave Eiffel] who built it.", "Nobody knows.").value == 0.0

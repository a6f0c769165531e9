"""Sentences and passages by their offsets."""

from __future__ import annotations

import pytest

from plimsoll.metrics.passages import passages, sentences
from plimsoll.metrics.words import folded, words


def cut(text: str) -> list[str]:
    """The sentences of a text."""
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Smith left. He met J. Hoover!", ["Dr. Smith left.", "He met J. Hoover!"]),
        ('"Really?" She left.', ['"Really?"', "She left."]),
        ("It costs 3.5 dollars. Yes", ["It costs 3.5 dollars.", "Yes"]),
        ("one\ntwo\n\n three ", ["one", "two", "three"]),
        ("It was, e.g. this. and so on.", ["It was, e.g. this. and so on."]),
        ("\u4e2d\u6587\u3002\u518d\u89c1", ["\u4e2d\u6587\u3002", "\u518d\u89c1"]),
        (" \n ", []),
        ("...", ["..."]),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    """At marks with a blank behind them and at lines; not behind abbreviations and initials."""
    assert cut(text) == expected


def test_passages_overlap_by_a_sentence() -> None:
    """Each begins with the last sentence of the one before, and the last one ends the text."""
    text = "a b c. D e f. G h i. J k l."
    assert [text[a:b] for a, b, _, _ in passages(text, 6)] == [
        "a b c. D e f.", "D e f. G h i.", "G h i. J k l.",
    ]  # fmt: skip


def test_a_short_text_is_one_passage_without_the_blanks_around_it() -> None:
    """Where all words fit, the sentences together are the passage; a blank text has none."""
    text = " \n One here. Two there!\nThree \u3002 "
    assert passages(text, 5) == [(3, len(text) - 1, 0, 5)]
    assert len(passages(text, 4)) == 2
    assert passages(" \n ", 5) == []


def test_a_sentence_without_end_is_cut() -> None:
    """A thousand words without a mark are passages of eighty words that lose none."""
    text = "word " * 1_000
    found = passages(text, 80)
    assert len(found) == 13
    assert sum(text[a:b].count("word") for a, b, _, _ in found) == 1_000


@pytest.mark.parametrize(
    "text",
    [
        "One 1,000 two. Three 3.5, four! Five_six.\nSeven (eight) nine? Ten eleven twelve.",
        "word 1.5 " * 100 + "The end. " + "Nine of ten. " * 40,
        "a.b, c.5.5 d\n\n" * 30,
    ],
)
def test_a_passage_knows_which_words_are_its_own(text: str) -> None:
    """In ASCII a passage's words are a slice of the text's, whether or not they were counted."""
    whole = words(folded(text))
    for size in (3, 10, 80):
        found = passages(text, size)
        assert found == passages(text, size, len(whole))
        for start, end, first, last in found:
            assert words(folded(text[start:end])) == whole[first:last]


@pytest.mark.parametrize(
    "text", ["", " ", "." * 1_000_000, "a" * 50_000, "A. " * 20_000, "\n" * 50_000]
)
def test_hostile_texts_make_few_passages(text: str) -> None:
    """Whatever the text, passages are no more than its words, or one."""
    assert len(passages(text, 80)) <= 1 + text.count("A") // 40

"""Words, numbers and normal forms of texts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.metrics.canonical import unfenced
from plimsoll.metrics.words import code_words_of, folded, normal_lines, number, words, words_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It's 1,000.50 m", ["it", "s", "1000.50", "m"]),
        ("中文 ok", ["中", "文", "ok"]),
        ("naïve café", ["naïve", "café"]),
        ("e.g. v1.2", ["e", "g", "v1.2"]),
        ("", []),
    ],
)
def test_words_of_a_text(text: str, found: list[str]) -> None:
    """Runs of letters and digits are words; scripts without blanks give their characters."""
    assert words(folded(text)) == found


@given(text=st.text(st.characters(max_codepoint=127)))
@settings(deadline=None)
def test_ascii_is_read_as_any_text_is(text: str) -> None:
    """The shorter way for ASCII finds the same words: a sign beyond it takes the longer one."""
    assert [*words(folded(text)), "é"] == words(folded(f"{text} é"))
    short, long = code_words_of([text, f"{text} é"])
    assert [*short, "é"] == long


@given(texts=st.lists(st.text(st.sampled_from("Aé1,. \u0130"))))
@settings(deadline=None)
def test_texts_read_together_are_read_as_each_by_itself(texts: list[str]) -> None:
    """What else is read with a text does not change its words."""
    assert words_of(texts) == [words(folded(text)) for text in texts]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1,000.50", "1000.5"),
        (" -5. ", "-5"),
        ("0.0", "0"),
        ("-0", "0"),
        ("1e3", "1E+3"),
        ("1000", "1E+3"),
        ("1,00", None),
        ("5%", None),
        ("", None),
        (".", None),
        ("e5", None),
        ("9" * 65, None),
    ],
)
def test_the_canonical_form_of_a_number(text: str, canonical: str | None) -> None:
    """Equal numbers have one form; what is not one number has none."""
    assert number(text) == canonical


def test_code_keeps_its_indentation_and_loses_blank_lines() -> None:
    """Blank lines and trailing blanks say nothing in code; leading ones do."""
    assert normal_lines("if x: \n\n    y\n") == "if x:\n    y"


@pytest.mark.parametrize("text", ["a ```x``` b", "```\nx", "``` ``` ```", "plain"])
def test_only_a_whole_fenced_block_is_unwrapped(text: str) -> None:
    """A text that is anything but one block stays as it is."""
    assert unfenced(text) is text

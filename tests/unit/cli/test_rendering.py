"""What came from outside never reaches the terminal as it is."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from plimsoll.cli.dead_letters import rendered, typed_place
from plimsoll.cli.rendering import bound_text, plain, price_text
from plimsoll.cli.terminal import table
from plimsoll.domain.errors import ConfigurationError


@given(st.text(), st.integers(min_value=1, max_value=200))
def test_text_is_one_printable_line(text: str, most: int) -> None:
    """No control character, no second line, and no more than was asked for."""
    line = plain(text, most)
    assert line.isprintable()
    assert len(line) <= most


@given(st.binary(max_size=200))
def test_bytes_are_printable_ascii(value: bytes) -> None:
    """However hostile the bytes, what is shown is printable ASCII and line ends."""
    assert all(line.isascii() and line.isprintable() for line in rendered(value, 64).splitlines())


def test_long_bytes_are_cut_and_counted() -> None:
    """What is not shown is counted."""
    assert rendered(b"x" * 100, 16).endswith("... 84 more bytes")
    assert rendered(None, 16) == "no value (a tombstone)"
    assert rendered(b"", 16) == "an empty value"


def test_a_table_keeps_its_names_whole() -> None:
    """On a narrow terminal what follows is folded, and the name in the first column is not."""
    rows = table("metric", "why")
    rows.add_row("discrete_semantic_entropy", "word " * 40)
    console = Console(width=50, file=io.StringIO())
    with console.capture() as shown:
        console.print(rows)
    assert "discrete_semantic_entropy" in shown.get()
    assert shown.get().count("word") == 40


def test_a_place_is_partition_and_offset() -> None:
    """0:17 is a place; anything else is refused with an example."""
    assert typed_place("0:17") == (0, 17)
    for wrong in ("17", "a:b", "0:-1", ":", "0:"):
        with pytest.raises(ConfigurationError, match="PARTITION:OFFSET"):
            typed_place(wrong)


def test_a_small_price_has_no_exponent() -> None:
    """The least of the shipped prices reads as a number of dollars, not as 6e-05."""
    assert price_text(0.00006) == "0.00006"
    assert price_text(0.0033) == "0.0033"


def test_a_bound_in_dollars_is_rounded_up() -> None:
    """A tenth of a cent is not told as at most nothing; what costs nothing is."""
    assert bound_text(0.00105) == "0.0011"
    assert bound_text(0.0000001) == "0.0001"
    assert bound_text(0.0) == "0.0000"

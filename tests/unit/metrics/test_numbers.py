"""Numbers in running text: values, scales, languages, and what is no number."""

from __future__ import annotations

import pytest

from plimsoll.metrics.numbers import numbers


def read(text: str, language: str = "en") -> list[tuple[str, list[float]]]:
    """The numbers of a text as written, each with its readings."""
    return [
        (text[n.start : n.end], [reading.value for reading in n.readings])
        for n in numbers(text, language)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234.56", [("1,234.56", [1234.56])]),
        ("1'000", [("1'000", [1000.0])]),
        ("21st", [("21st", [21.0])]),
        ("the 1990s", [("1990", [1990.0])]),
        ("2010-2015", [("2010", [2010.0]), ("2015", [2015.0])]),
        ("3, 5", [("3", [3.0]), ("5", [5.0])]),
        ("3,5", [("3", [3.0]), ("5", [5.0])]),
        ("v 1.2.3", [("1", [1.0]), ("2", [2.0]), ("3", [3.0])]),
        ("twenty-five", [("twenty-five", [25.0])]),
        ("two million", [("two million", [2e6])]),
        ("12 %", [("12 %", [12.0])]),
        ("5 per cent", [("5 per cent", [5.0])]),
    ],
)
def test_english_numbers(text: str, expected: list[tuple[str, list[float]]]) -> None:
    """Separators, ordinals, words, scales and percent signs are read as English writes them."""
    assert read(text) == expected


def test_a_decimal_comma_is_read_where_the_language_writes_one() -> None:
    """In German `1.234,5` is one number, `1.234` is 1234 and perhaps 1.234, words are none."""
    assert read("1.234,5 und 1.234 und 3,5 elf", "de-AT") == [
        ("1.234,5", [1234.5]),
        ("1.234", [1234.0, 1.234]),
        ("3,5", [3.5]),
    ]


def test_a_scale_that_may_be_a_unit_leaves_both_readings() -> None:
    """`5m` is five million or five metres; `1,234 million` stands in tables as 1,234."""
    assert read("5m") == [("5m", [5e6, 5.0])]
    assert read("1,234 million") == [("1,234 million", [1.234e9, 1234.0])]


@pytest.mark.parametrize("text", ["B2B", "F-16", "COVID-19", "x_1", "1_000", "one", ""])
def test_digits_in_names_are_no_numbers(text: str) -> None:
    """A name with digits is a name, and `one` is a pronoun."""
    assert read(text) == []


def test_keys_are_no_quantities() -> None:
    """Runs of more than thirty digits are not read."""
    assert read("1" * 31) == []
    assert read(",".join(["1"] * 1_000)) != []


def test_offsets_count_code_points() -> None:
    """The offsets cut the number out of the text as written."""
    text = "\U0001d518 costs \u20ac3.50!"
    (found,) = numbers(text)
    assert text[found.start : found.end] == "3.50"
    assert found.readings[0].place == pytest.approx(0.01)

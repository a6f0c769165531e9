"""Rubrics are data: a user's own is read with every mistake named."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.metric import Need
from plimsoll.domain.rubric import Part
from plimsoll.settings.rubric_files import read_rubric, shipped_rubrics

GOOD = """\
name: brevity
question: Is the response as short as it can be?
parts: [request, response]
where_given: [context]
levels:
  1: Much too long.
  2: A little too long.
  3: As short as it can be.
"""


def written(folder: Path, text: str) -> Path:
    """A file with that text."""
    file = folder / "rubric.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_rubric_is_read(tmp_path: Path) -> None:
    """What is shown where it is given is not needed."""
    rubric = read_rubric(written(tmp_path, GOOD))
    assert rubric.parts == (Part.REQUEST, Part.CONTEXT, Part.RESPONSE)
    assert rubric.needs == (Need.REQUEST_TEXT, Need.RESPONSE_TEXT)
    assert [rubric.value_of(grade) for grade in (1, 2, 3, 4)] == [0.0, 0.5, 1.0, None]


def test_what_a_judge_reads_is_the_version(tmp_path: Path) -> None:
    """Another word is another version: labels of one say nothing of the other."""
    one = read_rubric(written(tmp_path, GOOD))
    other = read_rubric(written(tmp_path, GOOD.replace("Much too", "Far too")))
    assert one.version != other.version


@pytest.mark.parametrize(
    ("of", "instead", "said"),
    [
        ("question: Is", "qestion: Is", ":2: a rubric has no qestion: did you mean question?"),
        ("[context]", "[contxt]", "a judge is shown no contxt: did you mean context?"),
        (", response]", "]", "a judge has to be shown the response"),
        ("  1: Much too long.", "  one: Much too long.", "level 'one' is a whole number"),
        ("response]", "response, comparison]", None),
    ],
)
def test_mistakes_are_told(tmp_path: Path, of: str, instead: str, said: str | None) -> None:
    """With file and line, and what was probably meant."""
    file = written(tmp_path, GOOD.replace(of, instead))
    if said is None:
        assert read_rubric(file).pairwise
        return
    with pytest.raises(ConfigurationError) as caught:
        read_rubric(file)
    assert said in str(caught.value)
    assert "rubric.yaml:" in str(caught.value)


def test_a_comparison_has_three_levels(tmp_path: Path) -> None:
    """Second, neither, first: anything else could not be read in both orders."""
    text = GOOD.replace("response]", "response, comparison]").replace("  3:", "  4:")
    with pytest.raises(ConfigurationError, match="compares two responses"):
        read_rubric(written(tmp_path, text))


def test_faithfulness_needs_a_context() -> None:
    """Without one it is an absence of the input, not a question to a judge."""
    assert Need.CONTEXT in shipped_rubrics()["faithfulness"].needs
    assert Need.CONTEXT not in shipped_rubrics()["correctness"].needs

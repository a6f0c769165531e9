"""What is written where nobody looks: into a pipe or a file."""

from __future__ import annotations

import pytest

from plimsoll.cli.terminal import headline, out, table


def test_a_row_is_one_line_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """However long its cells are, and narrow a terminal is said to be: grep finds it whole."""
    monkeypatch.setenv("COLUMNS", "40")
    rows = table("topic", "partitions>", "what it holds")
    long = "words " * 60 + "end"
    rows.add_row("llm.results.v1", "12", long)
    rows.add_row("llm.scores.v1", "12", "scores")
    out().print(rows)
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["topic", "partitions", "what", "it", "holds"]
    assert first.startswith("llm.results.v1")
    assert first.endswith(long)
    assert second.rstrip().endswith("12  scores")


def test_text_is_not_folded_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence stays on its line."""
    out().print("word " * 100, markup=False)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_headline_in_a_pipe_is_as_long_as_on_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    """Not as a table may be: a demonstration that is written to a file stays readable."""
    headline(out(), "where everything went")
    (line,) = capsys.readouterr().out.splitlines()
    assert " where everything went " in line
    assert len(line) == 80

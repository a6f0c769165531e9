"""Where the value of each setting is said to come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.settings.masked import shown
from plimsoll.settings.model import load_with_sources


def test_a_section_in_a_file_sets_only_what_stands_in_it(tmp_path: Path) -> None:
    """A neighbour of what the file sets has its default, and is said to."""
    file = tmp_path / "settings.yaml"
    file.write_text("query:\n  listen: 127.0.0.1:9\nbedrock:\n  judges: {one: m}\n", "utf-8")
    settings, sources = load_with_sources(file)
    where = {row.name: row.where for row in shown(settings, sources)}
    assert where["query.listen"] == f"{file}:2"
    assert where["bedrock.judges"] == f"{file}:4"
    assert {name for name, at in where.items() if at != "default"} == {
        "query.listen",
        "bedrock.judges",
    }


def test_a_section_in_a_variable_sets_only_what_stands_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A whole section as JSON is no source of what it leaves out."""
    monkeypatch.setenv("PLIMSOLL_QUERY", '{"listen": "127.0.0.1:9"}')
    settings, sources = load_with_sources(None)
    where = {row.name: row.where for row in shown(settings, sources)}
    assert where["query.listen"] == "environment variable PLIMSOLL_QUERY"
    assert {name for name, at in where.items() if at != "default"} == {"query.listen"}

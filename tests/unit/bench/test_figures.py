"""Figures reach people as a table and machines as a list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench.figures import Figure, show, write
from tests.bench.records import RECORD_BYTES, measured_records

FIGURES = [
    Figure("scorer_cpu_per_record", 66.0, "µs", 30.0, 2.2, "2.2 times the bare loop or less"),
    Figure("publish_to_visible_p99", 120.0, "ms", aim="under 250 ms"),
]


def test_the_list_for_machines_has_five_keys(tmp_path: Path) -> None:
    """Each entry has name, value, unit, reference and ratio; what is not there is null."""
    write(FIGURES, tmp_path / "bench.json")
    first, second = json.loads((tmp_path / "bench.json").read_text())
    assert first == {
        "name": "scorer_cpu_per_record",
        "value": 66.0,
        "unit": "µs",
        "reference": 30.0,
        "ratio": 2.2,
    }
    assert second["reference"] is None
    assert second["ratio"] is None


def test_the_table_for_people_names_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    """The table has a row for each figure with its unit."""
    show(FIGURES)
    table = capsys.readouterr().out
    assert "scorer_cpu_per_record" in table
    assert "120 ms" in table


def test_the_table_is_whole_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe nothing is cut off or folded, whatever its length."""
    long = Figure("name_" * 12, 1_234_567.0, "results per second", 2e6, 0.62, "aim " * 25)
    show([long])
    (row,) = [line for line in capsys.readouterr().out.splitlines() if "name_" in line]
    assert long.name in row
    assert long.aim.strip() in row


def test_a_missed_aim_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A ratio below the one that is aimed at stands in a line of its own; one above does not."""
    slow = Figure("slow_per_result", 2.0, "µs", 8.0, 4.0, "ratio 10 or more", least=10.0)
    fast = Figure("fast_per_result", 2.0, "µs", 40.0, 20.0, "ratio 10 or more", least=10.0)
    show([slow, fast])
    shown = capsys.readouterr().out
    assert "Aims missed: slow_per_result" in shown
    assert shown.count("(missed)") == 1


def test_measured_records_are_what_they_claim() -> None:
    """Each record is 2 kB, give or take two in a hundred, and has a key of its own."""
    records = measured_records(50, "size")
    assert len({key for key, _ in records}) == 50
    assert all(abs(len(value) - RECORD_BYTES) < RECORD_BYTES / 50 for _, value in records)

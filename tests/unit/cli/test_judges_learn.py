"""`plimsoll judges learn`: what is wrong with labelled verdicts is said with their file."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from plimsoll.cli.judging import learn_file
from plimsoll.domain.errors import ConfigurationError

VERDICT = {
    "rubric": "correctness",
    "rubric_version": "1",
    "model": "m",
    "language": "en",
    "task_version": "1",
    "item": "default/a",
    "passed": True,
    "right": True,
}


def test_an_item_with_two_labels_is_named(tmp_path: Path) -> None:
    """The file has to be mended by whoever made it, and no table is written."""
    file, output = tmp_path / "verdicts.jsonl", tmp_path / "table.json"
    rows = VERDICT, {**VERDICT, "model": "n", "right": False}
    file.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    with pytest.raises(ConfigurationError, match="item default/a is labelled right and wrong") as e:
        learn_file(file, output)
    assert str(e.value).startswith(f"{file}: ")
    assert not output.exists()

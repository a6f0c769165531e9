"""`plimsoll score` runs code where the sandbox is turned on, and says so where it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from plimsoll.cli.__main__ import main
from tests.support.sandboxes import real_sandbox

LINE = {
    "result_id": "r-1",
    "task_kind": "TASK_KIND_CODE",
    "messages": [{"role": "user", "text": "f(1) == 2"}],
    "response": {"text": "def f(n): return n + 1"},
    "code": {"source": "def f(n): return n + 1", "language": "python", "entry_point": "f"},
    "alternatives": [{"response": {"text": "```python\ndef f(n):\n    return 1 + n\n```"}}],
}


def scored(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """The scores of that line, by metric."""
    file, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    file.write_bytes(orjson.dumps(LINE))
    assert main(["score", str(file), "--out", str(output), "--json"]) == 0
    return {score["metric"]: score for score in orjson.loads(output.read_bytes())["scores"]}


def test_code_is_run_where_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With PLIMSOLL_SANDBOX__ENABLED the code agrees with its alternative and with the example."""
    real_sandbox()
    monkeypatch.setenv("PLIMSOLL_SANDBOX__ENABLED", "true")
    scores = scored(tmp_path)
    assert scores["output_agreement"]["value"] == 1.0
    assert scores["generated_tests"]["value"] == 1.0


def test_no_code_is_run_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it every such metric is absent, and the reason names the setting."""
    monkeypatch.delenv("PLIMSOLL_SANDBOX__ENABLED", raising=False)
    absence = scored(tmp_path)["output_agreement"]["absence"]
    assert "sandbox.enabled" in absence["detail"]

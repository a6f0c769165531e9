"""`plimsoll lineage`, from labelled results to a score that rests on them."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from plimsoll.cli.__main__ import main


def line(number: int, confidence: float | None, right: object) -> dict[str, object]:
    """A labelled result with one parent."""
    sure = {} if confidence is None else {"confidence": confidence}
    return {
        "result_id": f"r-{number}",
        "response": {"text": "Paris"},
        "parents": [{"result_id": "p", **sure}],
        "attributes": {"right": str(right)},
    }


def test_what_was_learned_is_in_the_score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty labels become a file, and with it a result on a sure parent is told from the rest."""
    labelled, learned, scored = (tmp_path / name for name in ("in.jsonl", "learned", "out.jsonl"))
    lines = [line(n, 0.9 if n % 2 else 0.3, n % 2) for n in range(60)]
    lines += [line(60, None, 1), line(61, 0.5, "")]
    labelled.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    assert main(["lineage", str(labelled), "--label", "right", "--out", str(learned)]) == 0
    monkeypatch.setenv("PLIMSOLL_LINEAGE__CONDITIONAL_FILE", str(learned))
    labelled.write_bytes(orjson.dumps(line(1, 0.9, "")))
    assert main(["score", str(labelled), "--out", str(scored), "--json"]) == 0
    scores = {one["metric"]: one for one in orjson.loads(scored.read_bytes())["scores"]}
    assert scores["right_given_parents"]["value"] > 0.9
    assert scores["parents_confidence"]["value"] == 0.9


def test_a_label_that_is_none_stops_it(tmp_path: Path) -> None:
    """What is neither right nor wrong fails the command, and nothing is written."""
    labelled, learned = tmp_path / "in.jsonl", tmp_path / "learned"
    labelled.write_bytes(orjson.dumps(line(1, 0.9, "perhaps")))
    assert main(["lineage", str(labelled), "--label", "right", "--out", str(learned)]) != 0
    assert not learned.exists()

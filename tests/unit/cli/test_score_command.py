"""`plimsoll score` needs no Kafka, and measures confidences against labels."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest

import plimsoll
from plimsoll.cli.__main__ import main
from plimsoll.cli.labels import label_of
from tests.support.ports import free_port

SAMPLE = Path(plimsoll.__file__).parent / "sample"


def test_the_sample_is_scored_and_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """300 results in, 300 scored lines out, and AUROC beside the length baseline."""
    output = tmp_path / "out.jsonl"
    labels = str(SAMPLE / "labels.jsonl")
    arguments = ["score", str(SAMPLE / "results.jsonl.gz"), "--labels", labels]
    assert main([*arguments, "--out", str(output), "--json"]) == 0
    told = orjson.loads(capsys.readouterr().out)
    assert (told["scored"], told["labelled"], told["bad_lines"]) == (300, 300, 0)
    assert told["auroc_interval"]["lower"] < told["auroc"] < told["auroc_interval"]["upper"]
    assert told["auroc"] > told["auroc_length"]
    assert [kept["share"] for kept in told["errors_kept"]] == [0.8, 0.6, 0.4]
    assert sum(one["results"] for one in told["reliability"]) == 300 - told["without_confidence"]
    lines = [orjson.loads(line) for line in output.read_bytes().splitlines()]
    assert len({line["result_id"] for line in lines}) == 300
    for line in lines:
        for score in line["scores"]:
            assert ("value" in score) != ("absence" in score)


def test_scoring_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    """The same file, the same output: nothing depends on time or chance."""
    outputs = []
    for name in ("a", "b"):
        output = tmp_path / name
        main(["score", str(SAMPLE / "results.jsonl.gz"), "--out", str(output), "--json"])
        outputs.append(output.read_bytes())
    assert outputs[0] == outputs[1]


def test_bad_lines_are_named_and_end_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Good lines are scored, bad ones told with file and line, and the exit code is 1."""
    file = tmp_path / "in.jsonl"
    file.write_text('{"response": {"text": "x"}}\nnonsense\n', encoding="utf-8")
    assert main(["score", str(file), "--json"]) == 1
    out, err = capsys.readouterr()
    assert orjson.loads(out) == {
        "scored": 1,
        "bad_lines": 1,
        "without_confidence": 1,
        "incomplete": 0,
    }
    assert f"{file}:2: undecodable" in err


def test_a_name_that_is_no_field_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misplaced field, which would go missing in silence, is named at its first line only."""
    file = tmp_path / "in.jsonl"
    line = '{"response": {"text": "x"}, "right": 1, "alternatives": [{"text": "x"}]}\n'
    file.write_text(line + line, encoding="utf-8")
    assert main(["score", str(file), "--label", "right", "--json"]) == 0
    err = capsys.readouterr().err
    assert f"{file}:1: warning: alternatives.text is no field of a result" in err
    assert err.count("warning") == 1


def test_a_value_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A task kind that nobody knows is read as unspecified, and that is said."""
    file = tmp_path / "in.csv"
    file.write_text("response,task_kind\nx,open_q\n", encoding="utf-8")
    assert main(["score", str(file)]) == 0
    assert "taskKind has no value TASK_KIND_OPEN_Q" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error stands alone: no bar is left before it."""
    assert main(["score", str(tmp_path / "none.jsonl")]) == 1
    err = capsys.readouterr().err
    assert err == f"plimsoll: {tmp_path / 'none.jsonl'}: No such file or directory\n"


def test_strict_stops_at_the_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --strict nothing after a bad line is scored."""
    file = tmp_path / "in.jsonl"
    file.write_text('nonsense\n{"response": {"text": "x"}}\n', encoding="utf-8")
    assert main(["score", str(file), "--strict", "--json"]) == 1
    assert orjson.loads(capsys.readouterr().out)["scored"] == 0


def test_a_label_column_that_is_not_there_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that no result has ends in one line instead of empty figures."""
    file = tmp_path / "in.csv"
    file.write_text("response,right\nx,1\n", encoding="utf-8")
    assert main(["score", str(file), "--label", "correct"]) == 2
    assert "no result of" in capsys.readouterr().err


def test_labels_without_a_confidence_give_no_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nothing could be measured no AUROC is shown, and the input that would help is named."""
    file = tmp_path / "in.csv"
    file.write_text("response,right\nx,1\ny,0\n", encoding="utf-8")
    assert main(["score", str(file), "--label", "right"]) == 0
    out = capsys.readouterr().out
    assert "AUROC" not in out
    assert "none of them has a confidence" in out
    assert "add log-probabilities" in " ".join(out.split())


def test_a_plan_decides_what_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Metrics that the plan leaves out are not computed."""
    plan = tmp_path / "plan.yaml"
    plan.write_text("rules:\n  - metrics: [response_length]\n", encoding="utf-8")
    output = tmp_path / "out.jsonl"
    arguments = ["score", str(SAMPLE / "results.jsonl.gz"), "--plan", str(plan)]
    assert main([*arguments, "--out", str(output)]) == 0
    first = orjson.loads(output.read_bytes().splitlines()[0])
    measured = [s["metric"] for s in first["scores"] if "value" in s]
    assert measured == ["response_length"]


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({"ok": "1"}, 1),
        ({"ok": False}, 0),
        ({"ok": "Correct"}, 1),
        ({"attributes": {"ok": "wrong"}}, 0),
        ({"ok": ""}, None),
        ({}, None),
    ],
)
def test_labels_are_read_as_people_write_them(fields: dict[str, object], label: int | None) -> None:
    """A column, a JSON key or an attribute; empty is no label."""
    assert label_of(fields, "ok") == label


def test_a_label_of_another_kind_is_refused() -> None:
    """A word that is neither right nor wrong is never guessed."""
    with pytest.raises(ValueError, match="maybe"):
        label_of({"ok": "maybe"}, "ok")


def test_the_plan_of_the_settings_is_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --plan the metrics are those of scorer.plan_file, and --plan goes before it."""
    file, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    file.write_text('{"response": {"text": "x"}}', encoding="utf-8")
    plans = {}
    for metric in ("response_length", "language_match"):
        plans[metric] = tmp_path / f"{metric}.yaml"
        plans[metric].write_text(f"rules: [{{metrics: [{metric}]}}]", encoding="utf-8")
    monkeypatch.setenv("PLIMSOLL_SCORER__PLAN_FILE", str(plans["response_length"]))
    measured = []
    for more in ([], ["--plan", str(plans["language_match"])]):
        assert main(["score", str(file), "--out", str(output), *more]) == 0
        scored = orjson.loads(output.read_bytes())
        measured.append([score["metric"] for score in scored["scores"]])
    capsys.readouterr()
    assert measured == [["response_length"], ["language_match"]]


JUDGED = """\
panels: [{name: right, rubric: correctness, judges: [away]}]
rules: [{metrics: [response_length], panels: [right]}]
"""


def test_a_judge_that_is_away_leaves_an_absence_in_good_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The score says why, the end how many are incomplete, and what to do; the exit code is 1."""
    file, plan, output = tmp_path / "in.jsonl", tmp_path / "plan.yaml", tmp_path / "out.jsonl"
    line: dict[str, object] = {"messages": [{"role": "user", "text": "2 + 2?"}]}
    line["response"] = {"text": "It is four."}
    file.write_bytes(orjson.dumps(line) + b"\n" + orjson.dumps({**line, "resultId": "b"}) + b"\n")
    plan.write_text(JUDGED, encoding="utf-8")
    # Nobody listens on the port of a server that has ended.
    monkeypatch.setenv("PLIMSOLL_OPENAI__JUDGES", '{"away": "a-model"}')
    monkeypatch.setenv("PLIMSOLL_OPENAI__ENDPOINT_URL", f"http://127.0.0.1:{free_port()}/v1")
    monkeypatch.setenv("PLIMSOLL_JUDGES__PATH", str(tmp_path / "judges.db"))
    arguments = ["score", str(file), "--plan", str(plan), "--max-hold", "0.2"]
    assert main([*arguments, "--out", str(output)]) == 1
    told, remarks = capsys.readouterr()
    assert "2 are incomplete" in told
    assert "--max-hold" in told
    # Said of the first only: the second is not waited for again.
    assert remarks.count("judge.given_up") == 1
    for scored in map(orjson.loads, output.read_bytes().splitlines()):
        absences = {one["absence"]["reason"] for one in scored["scores"] if "absence" in one}
        # What it failed with, or on a slow machine that its turn did not come within the hold.
        assert absences
        assert absences <= {"provider_error", "throttled"}


def test_an_estimate_needs_a_plan_that_asks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without judges in the plan there is nothing to estimate, and what to do is said."""
    file, plan = tmp_path / "in.jsonl", tmp_path / "plan.yaml"
    file.write_text('{"response": {"text": "x"}}', encoding="utf-8")
    plan.write_text("rules: [{metrics: [response_length]}]", encoding="utf-8")
    assert main(["judges", "estimate", str(file), "--plan", str(plan)]) == 2
    assert "the plan asks no judge" in capsys.readouterr().err


def test_commands_of_judges_name_what_they_do_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A misspelt field is told with its name, as `plimsoll score` tells it."""
    monkeypatch.setenv("PLIMSOLL_OPENAI__JUDGES", '{"away": "a-model"}')
    monkeypatch.setenv("PLIMSOLL_OPENAI__ENDPOINT_URL", "http://127.0.0.1:9/v1")
    file, plan = tmp_path / "in.jsonl", tmp_path / "plan.yaml"
    file.write_text('{"response": {"text": "x"}, "\\u001b[2Jquestoin": 1}', encoding="utf-8")
    plan.write_text(JUDGED, encoding="utf-8")
    assert main(["judges", "estimate", str(file), "--plan", str(plan)]) == 0
    assert f"{file}:1: warning:  [2Jquestoin is no field of a result" in capsys.readouterr().err


def test_the_readmes_example_is_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a reader pastes has no bad line; the answer that its samples bear out ranks first."""
    page = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```json\n(\{\"result_id\".*?)^```", page, re.DOTALL | re.MULTILINE)
    file, output = tmp_path / "results.jsonl", tmp_path / "out.jsonl"
    file.write_text(example, encoding="utf-8")
    assert main(["score", str(file), "--out", str(output)]) == 0
    assert capsys.readouterr().err == ""
    scored = [orjson.loads(line)["confidence"] for line in output.read_bytes().splitlines()]
    first, second = (one["point"] for one in scored)
    assert first > second

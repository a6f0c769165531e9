"""`plimsoll strengths`, from labelled results to scores and a catalogue that carry the figures."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

import plimsoll
from plimsoll.cli.__main__ import main

SAMPLE = Path(plimsoll.__file__).parent / "sample"
RESULTS = SAMPLE / "results.jsonl.gz"
FILE = "PLIMSOLL_STRENGTHS__FILE"
# Quick ones: two that read alternatives, which not every task kind has, and one for all.
PLAN = """\
rules:
  - name: few
    metrics: [discrete_semantic_entropy, exact_match_rate, response_length]
"""


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A plan of three metrics, which the settings name."""
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN, encoding="utf-8")
    monkeypatch.setenv("PLIMSOLL_SCORER__PLAN_FILE", str(file))
    return file


def learn(output: Path, file: Path = RESULTS, *labels: str, dataset: str = "tickets") -> int:
    """Measures on a file; the sample with its own labels."""
    of = labels or ("--labels", str(SAMPLE / "labels.jsonl"))
    return main(["strengths", "learn", str(file), *of, "--dataset", dataset, "--out", str(output)])


def rows_of(file: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows of a table by metric and task kind."""
    rows = orjson.loads(file.read_bytes())["strengths"]
    return {(row["metric"], row["task_kind"]): row for row in rows}


def score(folder: Path, given: Mapping[str, object]) -> dict[str, Any]:
    """What `plimsoll score` writes of one result."""
    file, output = folder / "one.jsonl", folder / "scored.jsonl"
    file.write_bytes(orjson.dumps(given))
    assert main(["score", str(file), "--out", str(output), "--json"]) == 0
    found: dict[str, Any] = orjson.loads(output.read_bytes())
    return found


def strength(scored: Mapping[str, Any], metric: str) -> dict[str, Any] | None:
    """What a score is said to be worth."""
    (score,) = (one for one in scored["scores"] if one["metric"] == metric)
    found: dict[str, Any] | None = score.get("strength")
    return found


@pytest.mark.usefixtures("plan")
def test_figures_of_the_sample_go_where_its_results_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """300 labelled results make figures; a score carries its own, and another language's not."""
    learned = tmp_path / "strengths.json"
    assert learn(learned) == 0
    told = capsys.readouterr().out
    rows = rows_of(learned)
    assert set(rows) == {
        ("discrete_semantic_entropy", "grounded_qa"),
        ("discrete_semantic_entropy", "open_qa"),
        ("exact_match_rate", "grounded_qa"),
        ("exact_match_rate", "open_qa"),
        ("response_length", "grounded_qa"),
        ("response_length", "open_qa"),
        ("response_length", "summarization"),
    }
    for row in rows.values():
        assert 0.0 <= row["lower"] <= row["auroc"] <= row["upper"] <= 1.0
        assert (row["dataset"], row["language"], row["level"]) == ("tickets", "en", 0.9)
        assert row["labels"] in (60, 120)
    assert "no figure: code en, 7 of the rarer kind, right or wrong, it takes 10" in told
    assert "300 labelled results" in told
    given = orjson.loads(gzip.decompress(RESULTS.read_bytes()).splitlines()[0])
    before = score(tmp_path, given)
    monkeypatch.setenv(FILE, str(learned))
    after = score(tmp_path, given)
    row = rows["exact_match_rate", "open_qa"]
    assert strength(after, "exact_match_rate") == {
        "auroc": row["auroc"],
        "interval": {
            "lower": row["lower"],
            "upper": row["upper"],
            "level": 0.9,
            "kind": "bootstrap",
        },
        "labels": 120,
        "dataset": "tickets",
    }
    # Other figures under one score ID would be two scores under one name.
    assert after["plan_version"] != before["plan_version"]
    assert after["score_id"] != before["score_id"]
    assert after["confidence"] == before["confidence"]
    assert strength(score(tmp_path, {**given, "language": "de"}), "exact_match_rate") is None
    code = score(tmp_path, {**given, "taskKind": "TASK_KIND_CODE"})
    assert (strength(code, "response_length") or {}).get("dataset") != "tickets"


@pytest.mark.usefixtures("plan")
def test_the_catalogue_shows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`plimsoll metrics` has them with their data, and the reference in the docs never does."""
    learned, reference = tmp_path / "strengths.json", tmp_path / "metrics.md"
    assert learn(learned) == 0
    monkeypatch.setenv(FILE, str(learned))
    capsys.readouterr()
    assert main(["metrics", "exact_match_rate", "--json"]) == 0
    found = orjson.loads(capsys.readouterr().out)["strength"]
    datasets = {one["task_kind"]: one["dataset"] for one in found}
    assert datasets["open_qa"] == datasets["grounded_qa"] == "tickets"
    assert "tickets" not in {
        datasets[kind] for kind in datasets.keys() - {"open_qa", "grounded_qa"}
    }
    assert main(["metrics", "--docs", str(reference)]) == 0
    monkeypatch.delenv(FILE)
    with_it = reference.read_bytes()
    assert main(["metrics", "--docs", str(reference)]) == 0
    assert reference.read_bytes() == with_it


def labelled(number: int, **more: object) -> dict[str, object]:
    """A result with a label of its own; every third is wrong, and longer."""
    wrong = number % 3 == 0
    return {
        "result_id": f"r-{number}",
        "response": {"text": "word " * (9 if wrong else 1 + number % 5)},
        "task_kind": "TASK_KIND_OPEN_QA",
        "language": "de",
        "attributes": {"right": str(not wrong)},
        **more,
    }


def write(path: Path, *rows: Mapping[str, object]) -> Path:
    """Rows as JSON lines."""
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


@pytest.mark.usefixtures("plan")
def test_what_bears_no_figure_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Left out are results without a label, a task kind or a language, or there twice."""
    file = write(
        tmp_path / "in.jsonl",
        *(labelled(number) for number in range(60)),
        labelled(3),
        labelled(60, attributes={}),
        labelled(61, language=""),
        labelled(62, task_kind="TASK_KIND_UNSPECIFIED"),
        labelled(63, language="d\x07e"),
    )
    learned = tmp_path / "strengths.json"
    assert learn(learned, file, "--label", "right") == 0
    told = capsys.readouterr().out
    assert "60 labelled results, 1 without a label, 3 without a task kind or language" in told
    assert "1 there twice" in told
    (row,) = rows_of(learned).values()
    assert (row["metric"], row["language"], row["labels"]) == ("response_length", "de", 60)


@pytest.mark.usefixtures("plan")
def test_a_group_counts_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sixty answers to nine questions are nine groups, and bear no figure."""
    rows = [{**labelled(number), "question": str(number % 9)} for number in range(60)]
    file = write(tmp_path / "in.jsonl", *rows)
    learned = tmp_path / "strengths.json"
    assert learn(learned, file, "--label", "right", "--group", "question") != 0
    assert not learned.exists()
    assert "open_qa de, 9 groups, it takes 10: response_length" in capsys.readouterr().err


@pytest.mark.usefixtures("plan")
def test_a_group_is_an_attribute_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As a label is; an empty one stands alone."""
    rows = [
        labelled(number, attributes={"right": str(number % 3 != 0), "question": name})
        for number in range(60)
        for name in [str(number % 5) if number < 56 else ""]
    ]
    file = write(tmp_path / "in.jsonl", *rows)
    assert learn(tmp_path / "out.json", file, "--label", "right", "--group", "question") != 0
    assert "open_qa de, 9 groups, it takes 10: response_length" in capsys.readouterr().err


@pytest.mark.usefixtures("plan")
def test_a_folder_that_is_not_there_is_told_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before a line of the results is read: nobody scores for nothing."""
    file = tmp_path / "in.jsonl"
    file.write_text("nonsense\n")
    assert learn(tmp_path / "none" / "out.json", file, "--label", "right") == 2
    assert capsys.readouterr().err.startswith(f"plimsoll: --out {tmp_path / 'none' / 'out.json'}: ")


@pytest.mark.usefixtures("plan")
def test_bad_lines_are_named_and_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The figures of the others are written, and the exit code is 1."""
    rows = [labelled(number) for number in range(60)]
    file = write(tmp_path / "in.jsonl", *rows, labelled(60, attributes={"right": "perhaps"}))
    with file.open("ab") as more:
        more.write(b"nonsense\n")
    learned = tmp_path / "strengths.json"
    assert learn(learned, file, "--label", "right") == 1
    told = capsys.readouterr()
    assert f"{file}:61: right is 'perhaps'" in told.err
    assert f"{file}:62: " in told.err
    assert "2 bad lines" in told.out
    assert len(rows_of(learned)) == 1


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize(
    ("labels", "dataset", "said"),
    [
        (("--group", "x"), "tickets", "--label COLUMN, or --labels FILE"),
        (("--label", "right"), "", "--dataset is no text"),
        (("--label", "right"), "two\nlines", "--dataset is no text"),
        (("--label", "right", "--group", "x"), "tickets", "there is no 'x' to group it by"),
        (
            ("--label", "wrong"),
            "tickets",
            "49 without a label; no result has a column, key or attribute 'wrong'\n",
        ),
        (("--label", "right"), "tickets", "open_qa de, 49 labels, it takes 50: response_length"),
    ],
    ids=["no labels", "no name", "two lines", "no group", "other column", "few"],
)
def test_nothing_is_written_where_nothing_is_learned(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    labels: tuple[str, ...],
    dataset: str,
    said: str,
) -> None:
    """The command says what it lacks, and leaves no file."""
    file = write(tmp_path / "in.jsonl", *(labelled(number) for number in range(49)))
    learned = tmp_path / "strengths.json"
    assert learn(learned, file, *labels, dataset=dataset) != 0
    assert not learned.exists()
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("plan")
def test_a_column_that_is_empty_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of labels that are not filled in yet nobody is told that their column is not there."""
    file = write(tmp_path / "in.jsonl", labelled(1, attributes={"right": ""}))
    assert learn(tmp_path / "out.json", file, "--label", "right") != 0
    said = capsys.readouterr().err
    assert "1 without a label" in said
    assert "no result has" not in said


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize(
    "text",
    ["id,correct\nr-1,1\n", '{"label": 1}\n', "1\n", '{"result_id": "r-1", "right": 1}\n'],
    ids=["CSV", "no ID", "no object", "no label"],
)
def test_a_file_of_labels_in_another_form_is_one_clear_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """The error shows what a line, or the head of a table, looks like."""
    labels = tmp_path / "filled.csv"
    labels.write_text(text, encoding="utf-8")
    assert learn(tmp_path / "out.json", RESULTS, "--labels", str(labels)) != 0
    said = capsys.readouterr().err
    assert said.startswith(f"plimsoll: {labels}")
    assert 'a file of labels is JSON lines, as {"result_id": "r-1", "label": 1}' in said


@pytest.mark.parametrize("command", ["scorer", "query", "metrics", "score"])
def test_a_file_that_cannot_be_read_ends_every_start(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    """One line that names the setting and the file, before anything is connected to."""
    broken = tmp_path / "strengths.json"
    broken.write_text('{"schema": 2}', encoding="utf-8")
    monkeypatch.setenv(FILE, str(broken))
    monkeypatch.setenv("PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS", "127.0.0.1:1")
    file = [str(write(tmp_path / "in.jsonl", labelled(1)))] if command == "score" else []
    assert main([command, *file]) != 0
    said = capsys.readouterr().err
    assert f"strengths.file {broken} cannot be read: it is no table of strengths" in said


@pytest.mark.usefixtures("plan")
def test_the_csv_of_an_audit_bears_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Labels may come as `plimsoll audit` begins them; the tenant stands before a slash."""
    rows = [orjson.loads(line) for line in (SAMPLE / "labels.jsonl").read_bytes().splitlines()]
    table = tmp_path / "audit.csv"
    cells = (f"demo/{row['result_id']},{int(row['label'])}\n" for row in rows)
    table.write_text("result_id,right\n" + "".join(cells), encoding="utf-8")
    learned = tmp_path / "strengths.json"
    assert learn(learned, RESULTS, "--labels", str(table)) == 0
    assert "300 labelled results\n" in capsys.readouterr().out
    assert {row["labels"] for row in rows_of(learned).values()} == {60, 120}

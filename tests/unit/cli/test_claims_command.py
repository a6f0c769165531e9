"""`plimsoll claims`, from responses to marks that labels have taught."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from plimsoll.cli.__main__ import main
from plimsoll.cli.claim_checks import claim_findings
from plimsoll.cli.findings import Finding, Health
from plimsoll.settings.claims import ClaimSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.models import ModelSettings
from tests.support.tiny_models import make_entailment

TRUE, FALSE = "Paris is the capital.", "Rome is not the capital."


def result(number: int, **fields: object) -> dict[str, object]:
    """A summary with a true and a false claim."""
    return {
        "result_id": f"r-{number}",
        "response": {"text": f"{TRUE} {FALSE}"},
        "context": [{"text": "The capital is Paris"}],
        "task_kind": "TASK_KIND_SUMMARIZATION",
        "language": "en",
        **fields,
    }


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a model of entailment that the settings name."""
    model = tmp_path / "model"
    model.mkdir()
    monkeypatch.setenv("PLIMSOLL_MODELS__ENTAILMENT", str(make_entailment(model)))
    return tmp_path


def write(path: Path, *rows: Mapping[str, object]) -> Path:
    """Rows as JSON lines."""
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


def found(folder: Path, *results: Mapping[str, object]) -> list[dict[str, Any]]:
    """What `find` writes of some results."""
    claims = folder / "claims.jsonl"
    assert main(["claims", "find", str(write(folder / "in", *results)), "--out", str(claims)]) == 0
    return [orjson.loads(line) for line in claims.read_bytes().splitlines()]


def labelled(folder: Path, count: int) -> Path:
    """Found claims of so many summaries, with labels."""
    rows = found(folder, *(result(number) for number in range(count)))
    for row in rows:
        for claim in row["claims"]:
            claim["true"] = claim["text"] == TRUE
    return write(folder / "labelled", *rows)


def learn(labels: Path, *more: str) -> tuple[int, Path]:
    """The exit code of learning from labels, and what it writes."""
    output = labels.parent / "filter.json"
    arguments = ["claims", "learn", str(labels), "--error-rate", "0.1", "--out", str(output)]
    return main([*arguments, *more]), output


def score(folder: Path, given: Mapping[str, object]) -> dict[str, Any]:
    """What `score` says of a result's claims, and its plan's version."""
    output = folder / "scored"
    file = write(folder / "in", given)
    assert main(["score", str(file), "--out", str(output), "--json"]) == 0
    whole = orjson.loads(output.read_bytes())
    (one,) = (one for one in whole["scores"] if one["metric"] == "claim_faithfulness")
    return {"plan": whole["plan_version"], **one}


def test_found_claims_have_text_offsets_and_score(here: Path) -> None:
    """Each claim is cut out of the response, and waits for its label."""
    (row,) = found(here, result(1))
    assert (row["item"], row["task_kind"], row["language"]) == (
        "default/r-1",
        "summarization",
        "en",
    )
    assert (row["metric"], row["version"]) == ("claim_faithfulness", "1")
    text = f"{TRUE} {FALSE}"
    assert [text[one["start"] : one["end"]] for one in row["claims"]] == [TRUE, FALSE]
    assert [one["text"] for one in row["claims"]] == [TRUE, FALSE]
    assert row["claims"][0]["score"] > row["claims"][1]["score"]
    assert [one["true"] for one in row["claims"]] == [None, None]


def test_what_was_learned_is_in_the_score(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty labelled summaries, and the true claim of the next is kept, and the false one not."""
    code, filters = learn(labelled(here, 20))
    assert code == 0
    before = score(here, result(50))
    assert "claim_filter" not in before
    monkeypatch.setenv("PLIMSOLL_CLAIMS__FILTER_FILE", str(filters))
    after = score(here, result(50))
    marks = after["claim_filter"]
    assert marks["promise"]["guarantee"] == "all_true"
    assert (marks["promise"]["error_rate"], marks["promise"]["labels"]) == (0.1, 20)
    assert [one["kept"] for one in marks["claims"]] == [True, False]
    assert (after["value"], after["interval"]) == (before["value"], before["interval"])
    # Other marks under the same score ID would be another score under the same name.
    assert after["plan"] != before["plan"]
    other = score(here, result(50, task_kind="TASK_KIND_GROUNDED_QA"))["claim_filter"]
    assert other["absence"]["reason"] == "abstained"
    assert "claims" not in other


def test_responses_that_are_not_labelled_in_full_are_left_out(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A claim that nobody has labelled may be a false one: its response says nothing."""
    labels = labelled(here, 20)
    rows = [orjson.loads(line) for line in labels.read_bytes().splitlines()]
    rows[3]["claims"][1]["true"] = None
    write(labels, *rows)
    code, filters = learn(labels, "--promise", "false_share")
    assert code == 0
    assert "19 labelled responses" in capsys.readouterr().out
    model = orjson.loads(filters.read_bytes())["model"]
    assert (model["guarantee"], model["groups"][0]["labels"]) == ("false_share", 19)


def test_results_without_context_or_claims_are_counted(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What has nothing to hold against is left out, by its reason."""
    asks = result(2, response={"text": "Which is the capital?"})
    assert len(found(here, result(1), asks, result(3, context=[]))) == 1
    assert "2 left out (1 input_missing, 1 not_applicable)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda rows: rows[0].update(version="2"), "scored differently"),
        (lambda rows: rows[0].update(item=rows[1]["item"]), "counts once"),
        (lambda rows: rows[0]["claims"][0].update(true="perhaps"), "no labelled claims"),
        (lambda rows: rows[0]["claims"][0].update(score=2), "no labelled claims"),
        (lambda rows: rows[0]["claims"][0].update(score="nan"), "no labelled claims"),
        (lambda rows: rows[0].update(claims=7), "no labelled claims"),
        (lambda rows: rows[0].pop("model"), "no labelled claims"),
        (lambda rows: rows.__delitem__(slice(8, None)), "takes 9 labelled responses"),
        (lambda rows: [row["claims"][0].pop("true") for row in rows], "has no response with"),
    ],
    ids=["version", "twice", "label", "above", "nan", "list", "model", "few", "none"],
)
def test_labels_that_do_not_hold_stop_it(
    here: Path, capsys: pytest.CaptureFixture[str], break_it: Any, said: str
) -> None:
    """Nothing is learned from a file with something wrong in it, and the message says what."""
    labels = labelled(here, 12)
    rows = [orjson.loads(line) for line in labels.read_bytes().splitlines()]
    break_it(rows)
    code, filters = learn(write(labels, *rows))
    assert code != 0
    assert not filters.exists()
    assert said in capsys.readouterr().err


def test_claims_without_a_model_are_not_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the settings."""
    file = write(tmp_path / "in", result(1))
    assert main(["claims", "find", str(file), "--out", str(tmp_path / "out")]) != 0
    assert "models." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_rate_is_between_0_and_1(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Anything else is refused before a file is read."""
    output = str(here / "out")
    assert main(["claims", "learn", "nowhere", "--error-rate", "1", "--out", output]) != 0
    assert "--error-rate 1 is not between 0 and 1" in capsys.readouterr().err


def checked(settings: Settings) -> Finding | None:
    """What `doctor` says of claims; None for nothing."""
    found = claim_findings(settings)
    assert len(found) <= 1
    return found[0] if found else None


def test_doctor_says_whether_the_file_goes_with_the_model(here: Path) -> None:
    """Fit, unfit for the model, without a model, unreadable; and silent where none is named."""
    model = ModelSettings(entailment=str(here / "model"))
    assert checked(Settings(models=model)) is None
    code, filters = learn(labelled(here, 20))
    assert code == 0
    claims = ClaimSettings(filter_file=filters)
    fit = checked(Settings(models=model, claims=claims))
    assert fit is not None
    assert fit.health is Health.OK
    assert "all_true at 0.1 for summarization (en)" in fit.found
    (here / "other").mkdir()
    other = ModelSettings(entailment=str(make_entailment(here / "other")))
    for models, said in (
        (other, "promises nothing here"),
        (ModelSettings(entailment=""), "no model"),
    ):
        found = checked(Settings(models=models, claims=claims))
        assert found is not None
        assert found.health is Health.FAILED
        assert said in found.found
    filters.write_text("{}", encoding="utf-8")
    broken = checked(Settings(models=model, claims=claims))
    assert broken is not None
    assert broken.health is Health.FAILED
    assert "learn it again" in broken.found


def test_doctor_names_what_has_too_few_labels(here: Path) -> None:
    """A task kind that abstains for want of labels is told beside those that do not."""
    labels = labelled(here, 20)
    rows = [orjson.loads(line) for line in labels.read_bytes().splitlines()]
    for row in rows[:3]:
        row["language"] = "it"
    code, filters = learn(write(labels, *rows))
    assert code == 0
    model = ModelSettings(entailment=str(here / "model"))
    found = checked(Settings(models=model, claims=ClaimSettings(filter_file=filters)))
    assert found is not None
    assert found.health is Health.NOTE
    assert "too few labels of summarization (it)" in found.found

"""A deployment's own strengths: which score gets which figure, and which files are refused."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.result import LlmResult, TaskKind
from plimsoll.domain.score import (
    NO_STRENGTH,
    Evidence,
    Interval,
    IntervalKind,
    Score,
    Strength,
    Unmeasured,
)
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.own_strengths import (
    MAX_BYTES,
    OwnStrengths,
    own_strengths,
    parse_own_strengths,
)
from plimsoll.metrics.registry import registered_metrics
from plimsoll.metrics.strength_rows import MAX_ROWS, primary
from plimsoll.metrics.strengths import strengths_of
from plimsoll.settings.strengths import StrengthSettings
from tests.unit.metrics.results import result

ROW: dict[str, Any] = {
    "metric": "response_length", "version": "1", "task_kind": "open_qa", "language": "en",
    "auroc": 0.71, "lower": 0.66, "upper": 0.76, "level": 0.9, "labels": 812, "dataset": "tickets",
}  # fmt: skip


def table(*rows: dict[str, Any], **more: Any) -> str:
    """A file of these rows."""
    return json.dumps({"schema": 1, "strengths": rows, **more})


def own(*rows: dict[str, Any]) -> OwnStrengths:
    """What is read of a file of these rows."""
    return parse_own_strengths(table(*rows))


def strength(of: OwnStrengths, score: Score, asked: LlmResult) -> Strength | Unmeasured:
    """What one score of a result carries then."""
    (found,) = of.restated([score], asked)
    return found.strength


def length_of(asked: LlmResult) -> Score:
    """The score of the baseline as it ships."""
    metric = next(one for one in registered_metrics() if one.spec.name == "response_length")
    return evaluate(metric, asked)


def test_ones_own_figure_goes_before_the_one_that_ships() -> None:
    """For its metric, version, task kind and language; `en-GB` counts as `en`."""
    for language in ("en", "en-GB", "EN"):
        asked = result(language=language)
        shipped = length_of(asked)
        assert isinstance(shipped.strength, Strength)
        found = strength(own(ROW), shipped, asked)
        assert isinstance(found, Strength)
        assert (found.auroc, found.labels, found.dataset) == (0.71, 812, "tickets")
        assert found.interval == Interval(0.66, 0.76, 0.9, IntervalKind.BOOTSTRAP)


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({"language": "de"}, result()),
        ({"task_kind": "summarization"}, result()),
        ({"version": "0"}, result()),
        ({"metric": "exact_match_rate"}, result()),
        ({"model": "other@1"}, result()),
        ({}, result(language="de")),
        ({}, result(language="")),
        ({}, result(kind=TaskKind.SUMMARIZATION)),
        ({}, result(kind=TaskKind.UNSPECIFIED)),
    ],
)
def test_no_figure_stands_for_another(change: dict[str, str], asked: LlmResult) -> None:
    """Of another language, task kind, version, metric or model, a score keeps what it had."""
    shipped = length_of(asked)
    assert strength(own({**ROW, **change}), shipped, asked) == shipped.strength


@pytest.mark.parametrize("fact", ["embedding_model", "entailment_model", "judges", "guardrail"])
def test_a_figure_is_of_the_model_that_was_measured(fact: str) -> None:
    """Whoever's judgement a number rests on, the figure is of the same, and of nobody else."""
    score = Score("response_length", "1", 0.5, provenance=(("base", "e"), (fact, "mine@2")))
    found = strength(own({**ROW, "model": "mine@2"}), score, result())
    assert isinstance(found, Strength)
    assert found.model == "mine@2"
    assert strength(own({**ROW, "model": "mine@1"}, ROW), score, result()) == NO_STRENGTH


def test_an_absence_carries_the_figure_too() -> None:
    """What a metric is worth does not depend on its having found a number."""
    score = Score("response_length", "1", Absence(AbsenceReason.TIMED_OUT))
    assert isinstance(strength(own(ROW), score, result()), Strength)


def test_nothing_but_the_strength_changes() -> None:
    """Every other field of a score is what it was, and so are the others of its result."""
    score = Score(
        "response_length", "1", 0.5, 7.0, Interval(0.4, 0.6, 0.9, IntervalKind.CREDIBLE), 0.1,
        evidence=(Evidence("span", "r", 1, 2, "x"),), provenance_hash="h", provenance=(("a", "b"),),
        flags=("low_sample",),
    )  # fmt: skip
    other = Score("exact_match_rate", "1", 1.0)
    found, kept = own(ROW).restated([score, other], result())
    assert found == replace(score, strength=found.strength)
    assert found.strength != score.strength
    assert {one.name for one in fields(Score) if getattr(found, one.name)} == {
        one.name for one in fields(Score)
    } - {"claim_filter"}
    assert kept is other


def test_the_catalogue_has_ones_own_beside_the_others() -> None:
    """The figure of one task kind is replaced, those of the others stay, a new one is added."""
    german = {**ROW, "language": "de", "auroc": 0.7}
    found = {
        (one.task_kind, one.language): one.dataset
        for one in strengths_of("response_length", "1", own(ROW, german).figures)
    }
    before = {
        (one.task_kind, one.language): one.dataset for one in strengths_of("response_length", "1")
    }
    new = {(TaskKind.OPEN_QA, "en"): "tickets", (TaskKind.OPEN_QA, "de"): "tickets"}
    assert before[TaskKind.OPEN_QA, "en"] != "tickets"
    assert found == before | new


def test_the_name_is_of_what_scores_are_given() -> None:
    """Any number and the dataset's name change it; order, layout and day do not."""
    german = {**ROW, "language": "de"}
    name = own(ROW, german).name
    assert own(german, ROW).name == name
    assert parse_own_strengths(table(ROW, german, made_on="2026-01-31")).name == name
    for change in ({"auroc": 0.72}, {"labels": 813}, {"dataset": "mails"}, {"model": "m"}):
        assert own({**ROW, **change}, german).name != name


def test_what_is_written_is_read() -> None:
    """A table survives its file, day and all, and the way to another process."""
    made = OwnStrengths(own(ROW, {**ROW, "model": "m@1"}).figures, date(2026, 1, 31))
    for read in (parse_own_strengths(made.text()), pickle.loads(pickle.dumps(made))):
        assert (read, read.made_on, read.name) == (made, date(2026, 1, 31), made.name)
        assert read.restated([length_of(result())], result())[0].strength == next(
            iter(own(ROW).figures.values())
        )


def test_a_panel_of_many_judges_is_a_model_too() -> None:
    """Judges with the longest of names are read again as they were written."""
    judges = ",".join(
        f"arn:aws:bedrock:eu-west-1:{n}:inference-profile/{'x' * 90}" for n in range(9)
    )
    made = own({**ROW, "model": judges})
    assert parse_own_strengths(made.text()) == made
    score = Score("response_length", "1", 0.5, provenance=(("judges", judges),))
    assert isinstance(strength(made, score, result()), Strength)


@pytest.mark.parametrize("language", ["EN-gb", "zh_CN", "İ" * 40, "ΑΣ", "x" * 99, "-en", ""])
def test_what_a_language_counts_as_counts_as_itself(language: str) -> None:
    """A table that was learned of any result's language is read again."""
    assert primary(primary(language)) == primary(language)
    assert len(primary(language)) <= 32


def test_without_a_file_there_is_nothing() -> None:
    """No setting, no table."""
    assert own_strengths(StrengthSettings()) is None


def read(path: Path) -> OwnStrengths | None:
    """What services read of a file."""
    return own_strengths(StrengthSettings(file=path))


HOSTILE: dict[str, tuple[str, str]] = {
    "empty": ("", "Expecting value"),
    "no JSON": ("auroc: 0.7", "Expecting value"),
    "list": ("[]", "no table of strengths of schema 1"),
    "no schema": (json.dumps({"strengths": []}), "schema 1"),
    "other schema": (json.dumps({"schema": 2, "strengths": []}), "schema 1"),
    "no rows": (json.dumps({"schema": 1}), "strengths is no list"),
    "rows": (json.dumps({"schema": 1, "strengths": {}}), "strengths is no list"),
    "many rows": (table(*[{}] * (MAX_ROWS + 1)), "strengths is no list of at most"),
    "row": (json.dumps({"schema": 1, "strengths": [ROW, 7]}), "row 2: it is no object"),
    "twice": (table(ROW, ROW), "row 2: an earlier one says the same of response_length"),
    "day": (table(ROW, made_on="yesterday"), "yesterday"),
    "long day": (table(ROW, made_on="9" * 100_000), "isoformat"),
    "long name": (table({**ROW, "x" * 100_000: 1}), "is unknown"),
    "deep": ("[" * 200_000, "recursion"),
    "digits": ('{"schema": 1' + "0" * 10_000 + "}", "digits"),
    "unknown": (table({**ROW, "modle": "m"}), "row 1: 'modle' is unknown"),
    "missing": (
        table({name: value for name, value in ROW.items() if name != "upper"}),
        "row 1: 'upper' is missing",
    ),
}


def wrong(name: str, value: object, said: str) -> tuple[str, str]:
    """A row that says something else of one thing."""
    return table({**ROW, name: value}), f"row 1: {said}"


HOSTILE |= {
    "NaN": wrong("auroc", float("nan"), "auroc is no number in"),
    "infinity": wrong("upper", float("inf"), "upper is no number in"),
    "above 1": wrong("auroc", 1.2, "auroc is no number in"),
    "below 0": wrong("lower", -0.1, "lower is no number in"),
    "text": wrong("auroc", "0.7", "auroc is no number in"),
    "truth": wrong("auroc", True, "auroc is no number in"),
    "null": wrong("auroc", None, "auroc is no number in"),
    "upside down": (
        table({**ROW, "lower": 0.76, "upper": 0.66}),
        "auroc 0.71 is not between lower 0.76 and upper 0.66",
    ),
    "outside": wrong("auroc", 0.9, "auroc 0.9 is not between"),
    "level": wrong("level", 1, "level 1 is not between 0 and 1"),
    "no labels": wrong("labels", 0, "labels is no count"),
    "many labels": wrong("labels", 2**64, "labels is no count"),
    "half a label": wrong("labels", 50.5, "labels is no count"),
    "true labels": wrong("labels", True, "labels is no count"),
    "task": wrong("task_kind", "chess", "task_kind is none of"),
    "no task": wrong("task_kind", "unspecified", "task_kind is none of"),
    "tasks": wrong("task_kind", ["open_qa"], "task_kind is none of"),
    "no language": wrong("language", "", "language is no text"),
    "region": wrong("language", "en-GB", "language 'en-GB' counts as 'en': write that"),
    "dataset": wrong("dataset", "x" * 201, "dataset is no text"),
    "two lines": wrong("dataset", "a\nb", "dataset is no text"),
    "metric": wrong("metric", 7, "metric is no text"),
    "version": wrong("version", 1, "version is no text"),
    "model": wrong("model", "", "model is no text"),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_file_with_anything_wrong_is_one_clear_error(tmp_path: Path, name: str) -> None:
    """The error names the setting and the file, says what is wrong, and what to do."""
    text, said = HOSTILE[name]
    file = tmp_path / "strengths.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read(file)
    told = str(caught.value)
    assert told.startswith(f"strengths.file {file} cannot be read: ")
    assert said in told
    assert told.endswith("make it again by `plimsoll strengths learn`")
    assert len(told) < 500


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_bytes(b"\xff\xfe"),
        lambda file: file.write_bytes(b" " * (MAX_BYTES + 1)),
        lambda file: file.mkdir(),
        lambda file: file.with_suffix(".other").write_text("x"),
    ],
    ids=["no text", "huge", "folder", "away"],
)
def test_a_file_that_cannot_be_read_is_one_clear_error(
    tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    """What is no UTF-8, too large, no file or not there ends the start."""
    file = tmp_path / "strengths.json"
    spoil(file)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read(file)


def test_a_relative_file_is_told_with_its_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it can be seen from which working directory it was taken, away or spoilt."""
    monkeypatch.chdir(tmp_path)
    for text in (None, "no table"):
        if text is not None:
            Path("own.json").write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError) as caught:
            own_strengths(StrengthSettings(file=Path("own.json")))
        told = str(caught.value)
        assert told.startswith(f"strengths.file {Path.cwd() / 'own.json'} cannot be read: ")

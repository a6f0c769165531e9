"""ConfBench itself: nothing leaks, nothing is counted twice, and the artefact is the fit."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from plimsoll.calibration.artefact import parse_artefact
from plimsoll.calibration.combine import Combination, logit_of
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import Alternative, Document, LlmResult, Response, TaskKind
from plimsoll.domain.score import Score
from plimsoll.ports.sandbox import Program, Run, Toolchain
from plimsoll.ports.tools import NO_TOOLS, Tools
from tests.quality.artefacts import artefact_text
from tests.quality.choosing import OUTER, folds
from tests.quality.confbench import baselines
from tests.quality.confbench.acceptance import Rival, TaskVerdict, Verdict, chosen_scores
from tests.quality.confbench.averages import mean_of
from tests.quality.confbench.bench import Bench
from tests.quality.confbench.corpus import APART, shipped_part
from tests.quality.confbench.figures import Reliability
from tests.quality.confbench.unmeasured import unmeasured, without_figure
from tests.quality.confbench.values import Column, measure
from tests.quality.fitting import Form, Table, fit
from tests.quality.public_data import Labelled
from tests.quality.synthetic import BENT, table
from tests.quality.tables import table_of
from tests.support.fake_models import FAKE_TOOLS

# A child leaves a child of its own that counts until it has taken a quarter of a second.
ORPHANED = """
import os, time
from tests.quality.confbench.costs import adopt_orphans, cpu_seconds
adopt_orphans()
before = cpu_seconds()
if os.fork() == 0:
    if os.fork() == 0:
        while time.process_time() < 0.25: pass
    os._exit(0)
os.wait()
os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
print(cpu_seconds() - before)
"""


def bench(of: Table) -> Bench:
    """A bench around a table, with one baseline that is upside down."""
    result = LlmResult(ResultKey("demo", "r"), Response("x"))
    items = [Labelled(result, int(label), "set", "g", "task") for label in of.labels]
    upside_down = {"upside down": np.nan_to_num(-of.values[:, 0], nan=-0.5)}
    return Bench(items, [], {}, upside_down, of)


def test_rivals_are_chosen_without_the_fold_that_they_are_judged_on() -> None:
    """Turning a fold's labels round changes neither the choice for it nor its scores."""
    original = table()
    held_out = folds(original.groups, OUTER) == 1
    turned = replace(original, labels=np.where(held_out, 1 - original.labels, original.labels))
    rows = original.kinds == "code"
    scores = [
        chosen_scores(bench(t), "code", bench(t).deciding, either_sign=False)
        for t in (original, turned)
    ]
    assert scores[0][0][held_out[rows]].tolist() == scores[1][0][held_out[rows]].tolist()
    assert scores[0][1][1] == scores[1][1][1]
    assert set(scores[0][1]) == {"tells"}


def test_a_baseline_may_be_turned_round() -> None:
    """What ranks the wrong way on the training folds is used the other way round."""
    found, names = chosen_scores(bench(table()), "code", bench(table()).baselines, either_sign=True)
    assert set(names) == {"- upside down"}
    assert found.max() <= 1.0


@pytest.mark.parametrize("form", [Form("straight"), BENT])
def test_the_artefact_is_the_fit(form: Form) -> None:
    """The combination that runs gives the logits of the fit, absences and all."""
    data = table()
    found = fit(data, form)
    combination = Combination(parse_artefact(artefact_text(found, data)))
    expected = found.logits(data)
    for row in range(0, 240, 7):
        scores = [
            Score(metric, "1", Absence(AbsenceReason.INPUT_MISSING) if np.isnan(value) else value)
            for metric, value in zip(data.metrics, data.values[row].tolist(), strict=True)
        ]
        result = LlmResult(
            ResultKey("demo", "r"), Response("x"), task_kind=TaskKind(str(data.kinds[row]))
        )
        estimate = combination.combine(scores, result).estimate
        assert estimate is not None
        assert logit_of(estimate.point) == pytest.approx(float(expected[row]), abs=2e-3)


def test_what_is_left_out_takes_every_metric_that_needs_it() -> None:
    """Without samples the two metrics that need them are absent, and the third is untouched."""
    data = table()
    without = data.without("samples")
    assert np.isnan(without.values[:, [0, 2]]).all()
    assert np.array_equal(without.values[:, 1], data.values[:, 1], equal_nan=True)


class Counting:
    """A metric that counts how often it was asked."""

    spec = MetricSpec("counting", "1", Family.BLACK_BOX, "Counts.", (Need.RESPONSE_TEXT,), "none")

    def __init__(self) -> None:
        self.asked = 0

    def work(self, result: LlmResult) -> int:
        return 1

    def compute(self, result: LlmResult) -> Measurement | Absence:
        self.asked += 1
        return Measurement(0.5)


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    """A second run reads values and absences from the folder, and gives the same column."""
    results = [LlmResult(ResultKey("demo", name), Response(name)) for name in ("a", "b", "")]
    first, second = Counting(), Counting()
    columns = [measure([m], results, tmp_path, print)["counting"] for m in (first, second)]
    assert (first.asked, second.asked) == (2, 0)
    assert columns[0].reasons == columns[1].reasons == ("", "", "input_missing")
    assert np.array_equal(columns[0].values, columns[1].values, equal_nan=True)


class Named:
    """A sandbox of which nothing but the versions of its toolchains is asked."""

    def __init__(self, version: str) -> None:
        self._version = version

    def version(self, toolchain: Toolchain) -> str:
        return f"{toolchain}-{self._version}"

    def run(self, program: Program) -> Run | Absence:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("need", "one", "other"),
    [
        (Need.SANDBOX, Tools(sandbox=Named("3.11")), Tools(sandbox=Named("3.12"))),
        (Need.EMBEDDING_MODEL, FAKE_TOOLS, NO_TOOLS),
        (Need.ENTAILMENT_MODEL, FAKE_TOOLS, NO_TOOLS),
    ],
    ids=["toolchain", "embedding model", "entailment model"],
)
def test_what_was_measured_with_other_tools_is_measured_again(
    tmp_path: Path, need: Need, one: Tools, other: Tools
) -> None:
    """A value belongs to the tools that it was found with, for a metric that needs them."""

    class Needing(Counting):
        spec = replace(Counting.spec, needs=(need,))

    results = [LlmResult(ResultKey("demo", "a"), Response("a"))]
    plain, needing = Counting(), Needing()
    for tools in (one, one, other, one):
        measure([plain], results, tmp_path / "plain", print, tools)
        measure([needing], results, tmp_path / "needing", print, tools)
    assert (plain.asked, needing.asked) == (1, 2)


def test_what_a_run_lacked_is_told_where_nothing_was_measured() -> None:
    """Of a metric without any value the reasons of the run are named, and no others."""
    nothing, something = np.full(2, np.nan), np.array([0.5, np.nan])
    reasons = ("toolchain_missing", "not_applicable")
    assert Column(nothing, reasons, np.zeros(2)).lacks == "toolchain_missing"
    assert Column(something, reasons, np.zeros(2)).lacks == ""


def test_cpu_time_of_what_a_child_left_behind_is_counted() -> None:
    """A program that ends before its own child leaves the time of that one to who started it."""
    told = subprocess.run(
        [sys.executable, "-c", ORPHANED], check=True, capture_output=True, text=True, timeout=600
    )
    assert float(told.stdout) > 0.2


def test_a_metric_without_a_figure_says_what_is_lacking() -> None:
    """Its values on judged results, the labels that tell anything, and why others have none."""
    data = table()
    values = np.where(data.kinds == "code", data.values[:, 0], np.nan)
    there = ~np.isnan(values)
    reasons = tuple("" if known else "not_applicable" for known in there)
    whole = replace(
        bench(data),
        specs=[Counting.spec],
        columns={"counting": Column(values, reasons, np.zeros(len(values)))},
        table=replace(data, sets=data.groups),
    )
    right, wrong = (
        sum(
            there[row] and data.labels[row] == label
            for row in range(len(values))
            if len(set(data.labels[there & (data.groups == data.groups[row])].tolist())) == 2
        )
        for label in (1.0, 0.0)
    )
    found = {"values": there.sum(), "right": right, "wrong": wrong, "absent": "not_applicable"}
    assert unmeasured(whole, set()) == [{"metric": "counting", **found}]
    assert 0 < right < there.sum()
    assert unmeasured(whole, {"counting"}) == []
    assert f"| counting | {there.sum()} | {right} | {wrong} | not_applicable |" in without_figure(
        unmeasured(whole, set())
    )


def test_baselines_are_no_inputs() -> None:
    """A table holds no baseline, and nothing that sees right answers."""
    items = shipped_part()
    specs = [
        replace(Counting.spec, name="length", baseline=True),
        replace(Counting.spec, name="reference", needs=(Need.REFERENCES,)),
        Counting.spec,
    ]
    columns = {spec.name: np.linspace(0.0, 1.0, len(items)) for spec in specs}
    names = [item.set_name for item in items]
    assert table_of(items, specs, columns, names, names).metrics == ("counting",)


def test_the_shipped_part_is_measured_whole() -> None:
    """Three hundred records of five sets, none of which is a set apart."""
    items = shipped_part()
    assert len(items) == 300
    assert not {item.set_name for item in items} & set(APART)
    assert {item.task for item in items} == {"open_qa", "grounded_qa", "code", "summarization"}


def test_trivial_baselines_are_what_they_say() -> None:
    """Length, overlaps and agreements of one small record, by hand."""
    result = LlmResult(
        ResultKey("demo", "r"),
        Response("Paris has 3 rivers"),
        context=(Document("In Paris there are two rivers."),),
        alternatives=(Alternative(Response("paris has 3 rivers")), Alternative(Response("Rome"))),
    )
    item = Labelled(result, 1, "set", "set:g", "open_qa")
    assert baselines.length(item) == -18.0
    assert baselines.content_overlap(item) == pytest.approx(2 / 3)
    assert baselines.longest_common(item) == pytest.approx(2 / 4)
    assert baselines.novelty(item) == pytest.approx(-1 / 2)
    assert baselines.token_jaccard(item) == pytest.approx(0.5)
    assert baselines.exact_agreement(item) == pytest.approx(0.5)
    assert baselines.exact_agreement(replace(item, answer="Rome")) == pytest.approx(0.5)


def test_figures_of_several_assignments_are_averaged() -> None:
    """Numbers are means, names are joined, what is no number is the first's, and so is a gap."""
    several = [
        Verdict((TaskVerdict("code", 7, auroc, 0.5, rival, rival, reliable, 0.7),), 0.1, 2 * auroc)
        for auroc, name in ((0.6, "a"), (0.8, "b"))
        for rival in [Rival((name,), auroc - 0.1, 0.5, auroc - 0.7)]
        for reliable in [Reliability(0.2, auroc / 10, 0.02, 0.05, 0.5)]
    ]
    found = mean_of(several)
    (task,) = found.tasks
    assert (task.task, task.n, task.single.names) == ("code", 7, ("a", "b"))
    assert task.auroc == pytest.approx(0.7)
    assert task.single.gain_lower == pytest.approx(0.0)
    assert task.reliability.ece == pytest.approx(0.07)
    assert not task.holds
    assert found.mean_gain_on_trivial == pytest.approx(1.4)
    rows = [{"lower": 0.5, "curve": [0.0, 1.0]}, {"lower": None, "curve": [1.0, 1.0]}]
    assert mean_of(rows) == {"lower": None, "curve": [0.5, 1.0]}

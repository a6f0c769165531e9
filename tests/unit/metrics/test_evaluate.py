"""Evaluation: needs, provenance, strength, and what happens to a metric that breaks its promise."""

from __future__ import annotations

import errno
from dataclasses import dataclass, replace

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.errors import ConfigurationError, FatalError
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import ContentRef, LlmResult, Response, TaskKind, ToolCall
from plimsoll.domain.score import Strength, Unmeasured
from plimsoll.metrics.evaluate import evaluate, provenance_hash
from plimsoll.metrics.registry import registered_metrics
from plimsoll.metrics.strength_rows import SCHEMA, parse_rows
from plimsoll.metrics.strengths import strength_of
from plimsoll.ports.metric import Metric
from tests.unit.metrics.results import result

SPEC = MetricSpec("fake", "3", Family.BASELINE, "A fake.", (Need.RESPONSE_TEXT,), "nowhere")


@dataclass(frozen=True)
class Fake:
    """A metric that gives or raises what it is told."""

    outcome: Measurement | Absence | BaseException
    spec: MetricSpec = SPEC

    def work(self, result: LlmResult) -> int:
        """Nothing to speak of."""
        return 1

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """What it was told."""
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


def test_an_exception_costs_the_number_and_names_its_type_only() -> None:
    """A metric that raises is absent with `internal_error`; the message never leaves."""
    absence = evaluate(Fake(KeyError("secret text of the response")), result()).absence
    assert absence == Absence(AbsenceReason.INTERNAL_ERROR, "KeyError")


@pytest.mark.parametrize(
    "error", [FatalError("stop"), ConfigurationError("stop"), MemoryError(), KeyboardInterrupt()]
)
def test_what_is_fatal_passes_through(error: BaseException) -> None:
    """Fatal errors, exhausted memory and interrupts are not a metric's own."""
    with pytest.raises(type(error)):
        evaluate(Fake(error), result())


def test_a_machine_that_runs_out_makes_no_absence() -> None:
    """No file descriptor is left: that says nothing of the result, and ends the process."""
    with pytest.raises(FatalError, match="no file descriptor left"):
        evaluate(Fake(OSError(errno.EMFILE, "Too many open files")), result())


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan"), float("inf")])
def test_a_value_outside_the_unit_interval_is_no_value(value: float) -> None:
    """A number that is none never gets into a score."""
    absence = evaluate(Fake(Measurement(value)), result()).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.INTERNAL_ERROR


def test_provenance_is_sorted_and_decides_the_hash() -> None:
    """The order in which a metric names its facts does not matter; what they say does."""
    one = evaluate(Fake(Measurement(0.5, provenance=(("k", "5"), ("base", "e")))), result())
    two = evaluate(Fake(Measurement(0.5, provenance=(("base", "e"), ("k", "5")))), result())
    other = evaluate(Fake(Measurement(0.5, provenance=(("base", "e"), ("k", "4")))), result())
    assert one.provenance == (("base", "e"), ("k", "5"))
    assert one.provenance_hash == two.provenance_hash != other.provenance_hash
    assert one.provenance_hash == provenance_hash("fake", "3", one.provenance)


def test_an_empty_response_is_missing_input() -> None:
    """Nothing was answered, so nothing of it can be measured."""
    absence = evaluate(Fake(Measurement(1.0)), result("")).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.INPUT_MISSING


@pytest.mark.parametrize(
    "metric",
    [m for m in registered_metrics() if Need.CONTEXT in m.spec.needs],
    ids=lambda m: m.spec.name,
)
def test_a_blank_context_is_missing_input(metric: Metric) -> None:
    """Documents of blanks say nothing: a response is not unsupported for that, but unknown."""
    asked = result("Paris has 12 names. [1]", context=["", " \n\u3000"])
    absence = evaluate(metric, asked).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.INPUT_MISSING


def test_absences_alike_keep_the_strength_of_their_own_result() -> None:
    """What is made once for results that lack the same is never another task's or language's."""
    metric = next(m for m in registered_metrics() if m.spec.name == "context_coverage")
    results = [
        result("Paris", kind=kind, language=language)
        for kind in (TaskKind.GROUNDED_QA, TaskKind.OPEN_QA)
        for language in ("en", "de")
    ]
    for one in [*results, *reversed(results)]:
        score = evaluate(metric, one)
        assert score.absence is not None
        assert score.strength == strength_of("context_coverage", metric.spec.version, one)


def test_a_response_that_only_calls_tools_has_no_text_to_miss() -> None:
    """Metrics of text are not applicable to tool calls."""
    calls = replace(result(), response=Response(tool_calls=(ToolCall("1", "search", "{}"),)))
    absence = evaluate(Fake(Measurement(1.0)), calls).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.NOT_APPLICABLE


def test_a_response_kept_elsewhere_is_missing_input() -> None:
    """A reference is not the text."""
    reference = ContentRef("s3://bucket/response", "0" * 64, 9)
    away = replace(result(), response=Response(content_ref=reference))
    absence = evaluate(Fake(Measurement(1.0)), away).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.INPUT_MISSING


def test_strength_is_of_the_metric_task_and_language() -> None:
    """A measured strength says for which task and language, on how many labels of which sets."""
    strength = strength_of("discrete_semantic_entropy", "2", result(language="en-GB"))
    assert isinstance(strength, Strength)
    assert (strength.task_kind, strength.language) == (TaskKind.OPEN_QA, "en")
    assert strength.interval.lower <= strength.auroc <= strength.interval.upper
    assert strength.labels >= 50


@pytest.mark.parametrize(
    ("of", "word"),
    [
        (result(language="de"), "de"),
        (result(language=""), "language"),
        (result(kind=TaskKind.UNSPECIFIED), "task kind"),
        (result(kind=TaskKind.TRANSLATION), "translation"),
    ],
)
def test_no_figure_stands_for_another_language_or_task(of: LlmResult, word: str) -> None:
    """Where nothing was measured, the strength says what is missing."""
    strength = strength_of("discrete_semantic_entropy", "2", of)
    assert isinstance(strength, Unmeasured)
    assert word in strength.why


def test_no_figure_stands_for_another_model() -> None:
    """What was measured with one embedding model says nothing of another, nor of none."""
    row = {
        "metric": "embedding_cosine", "version": "1", "task_kind": "open_qa", "language": "en",
        "auroc": 0.8, "lower": 0.7, "upper": 0.9, "level": 0.9, "labels": 90, "dataset": "a",
    }  # fmt: skip
    found = parse_rows({"schema": SCHEMA, "strengths": [{**row, "model": "one@1"}, row]})
    assert {key[-1] for key in found} == {"one@1", ""}
    assert {strength.model for strength in found.values()} == {"one@1", ""}


def test_a_score_looks_up_the_model_that_it_rests_on() -> None:
    """A metric that used a model has no figure but that model's, and says so by its name."""
    found = Measurement(1.0, provenance=(("embedding_model", "mine@2"),))
    free = replace(SPEC, name="discrete_semantic_entropy", version="2")
    assert isinstance(evaluate(Fake(found, free), result()).strength, Strength)
    modelled = evaluate(Fake(found, replace(free, cost=Cost.LOCAL_MODEL)), result()).strength
    assert isinstance(modelled, Unmeasured)
    assert "mine@2" in modelled.why


def test_a_new_version_of_a_metric_has_no_strength_yet() -> None:
    """Figures belong to the version that was measured."""
    assert isinstance(strength_of("discrete_semantic_entropy", "99", result()), Unmeasured)


def test_metrics_are_registered_once_and_say_what_they_are() -> None:
    """Names are unique, and every catalogue entry has a summary, a source and a version."""
    specs = [metric.spec for metric in registered_metrics()]
    assert len({spec.name for spec in specs}) == len(specs)
    assert all(spec.summary and spec.source and spec.version for spec in specs)
    assert {spec.name for spec in specs if spec.baseline} == {"response_length"}

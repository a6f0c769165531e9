"""DeepConf: confidences of groups of tokens along the reasoning trace."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import LlmResult, Tokens, Usage
from plimsoll.metrics.deepconf_bottom_groups import DeepconfBottomGroups
from plimsoll.metrics.deepconf_lowest_group import DeepconfLowestGroup
from plimsoll.metrics.deepconf_mean import DeepconfMean
from plimsoll.metrics.deepconf_tail import DeepconfTail
from plimsoll.metrics.trace_tokens import WINDOW
from plimsoll.ports.metric import Metric
from tests.unit.metrics.results import result
from tests.unit.metrics.tokens import FIVE, NAN, TOP_FIVE, measured_of, refused_of
from tests.unit.metrics.traces import traced

LOWEST, BOTTOM, TAIL, MEAN = (
    DeepconfLowestGroup(),
    DeepconfBottomGroups(),
    DeepconfTail(),
    DeepconfMean(),
)
EVERY = pytest.mark.parametrize("metric", [LOWEST, BOTTOM, TAIL, MEAN], ids=lambda m: m.spec.name)
TRACE = "so Paris"
GOLDEN_C = 2.476085207


def of_confidences(confidences: list[float]) -> LlmResult:
    """A result whose trace has tokens of these confidences C_t, over two alternatives each."""
    # -(log p1 + log p2) / 2 = c with log p1 = -0.1.
    tops = [value for c in confidences for value in (-0.1, 0.1 - 2.0 * c)]
    tokens = Tokens(
        (-0.1,) * len(confidences),
        texts=("a",) * len(confidences),
        top_k=2,
        top_logprobs=tuple(tops),
    )
    return traced("a" * len(confidences), tokens=tokens)


@EVERY
def test_the_golden_top_five(metric: Metric) -> None:
    """[.7, .2, .05, .03, .02] has C = 2.476085207, and the value is 1 - log 5 / C."""
    found = measured_of(metric, traced(TRACE, tokens=replace(FIVE, texts=(TRACE,))))
    assert found.raw_value == pytest.approx(GOLDEN_C, abs=1e-9)
    assert found.value == pytest.approx(1 - math.log(5) / GOLDEN_C, abs=1e-9)
    facts = dict(found.provenance)
    assert (facts["k"], facts["map"], facts["window"]) == ("5", "1-log(k)/c", "2048")
    assert found.flags == ("trace_shorter_than_window",)


@EVERY
def test_only_tokens_of_the_trace_count(metric: Metric) -> None:
    """Marks before it, marks behind it and the answer's tokens leave the number as it is."""
    unsure = (math.log(0.2),) * 5
    tokens = Tokens(
        (-0.1,) * 6,
        texts=("<think>", "\nso", " Paris", "\n</think>", "\n", "Paris"),
        top_k=5,
        top_logprobs=(*unsure, *TOP_FIVE, *TOP_FIVE, *unsure, *unsure, *unsure),
    )
    found = measured_of(metric, traced(TRACE, tokens=tokens))
    assert found.raw_value == pytest.approx(GOLDEN_C, abs=1e-9)


@EVERY
def test_the_providers_counts_find_the_trace_where_texts_do_not(metric: Metric) -> None:
    """Where tokens are all that the provider counted, the first are those of its reasoning."""
    unsure = (math.log(0.2),) * 5
    tokens = Tokens((-0.1,) * 3, top_k=5, top_logprobs=(*TOP_FIVE, *TOP_FIVE, *unsure))
    usage = Usage(output_tokens=3, reasoning_output_tokens=2)
    found = measured_of(metric, traced(TRACE, tokens=tokens, usage=usage))
    assert found.raw_value == pytest.approx(GOLDEN_C, abs=1e-9)


@EVERY
@pytest.mark.parametrize(
    "usage",
    [
        None,
        Usage(output_tokens=3),
        Usage(output_tokens=7, reasoning_output_tokens=2),
        Usage(output_tokens=3, reasoning_output_tokens=0),
        Usage(output_tokens=3, reasoning_output_tokens=4),
    ],
)
def test_counts_that_do_not_fit_find_nothing(metric: Metric, usage: Usage | None) -> None:
    """Tokens that may be the answer's alone are not taken for the trace's."""
    tokens = Tokens((-0.1,) * 3, top_k=5, top_logprobs=TOP_FIVE * 3)
    absence = refused_of(metric, traced(TRACE, tokens=tokens, usage=usage))
    assert absence.reason is AbsenceReason.INPUT_MISSING
    assert absence.detail == "the tokens are not those of the reasoning trace"


@EVERY
def test_tokens_of_an_answer_that_repeats_its_trace_are_not_the_traces(metric: Metric) -> None:
    """A trace that stands within the answer is found there only if the answer follows once more."""
    tokens = Tokens((-0.1,) * 2, texts=("so", " Paris"), top_k=5, top_logprobs=TOP_FIVE * 2)
    repeated = traced(TRACE, TRACE, tokens=tokens)
    assert refused_of(metric, repeated).reason is AbsenceReason.INPUT_MISSING
    both = Tokens((-0.1,) * 4, texts=("so", " Paris") * 2, top_k=5, top_logprobs=TOP_FIVE * 4)
    assert measured_of(metric, traced(TRACE, TRACE, tokens=both)).value > 0.0


@EVERY
def test_what_is_missing_is_told(metric: Metric) -> None:
    """No trace: not applicable. No tokens, or none with alternatives: `input_missing`."""
    assert refused_of(metric, result(tokens=FIVE)).reason is AbsenceReason.NOT_APPLICABLE
    bare = Tokens((-0.1,), texts=("so Paris",))
    short = Tokens(
        (-0.1,) * 2,
        texts=("so Paris", "\nParis"),
        top_k=5,
        top_counts=(2, 5),
        top_logprobs=(-0.1, -3.0, *TOP_FIVE),
    )
    for tokens in (None, Tokens(()), bare, short):
        assert (
            refused_of(metric, traced(TRACE, tokens=tokens)).reason is AbsenceReason.INPUT_MISSING
        )


@EVERY
def test_broken_columns_are_invalid(metric: Metric) -> None:
    """A NaN among alternatives, or texts for other tokens, make the input invalid."""
    for tokens in (
        Tokens((-0.1,), texts=("so Paris",), top_k=2, top_logprobs=(-0.1, NAN)),
        Tokens((-0.1,), texts=("so", " Paris"), top_k=2, top_logprobs=(-0.1, -3.0)),
    ):
        assert (
            refused_of(metric, traced(TRACE, tokens=tokens)).reason is AbsenceReason.INPUT_INVALID
        )


@EVERY
def test_tokens_short_of_k_are_left_out_and_counted(metric: Metric) -> None:
    """A token of the trace with fewer than k alternatives changes its count, not the number."""
    tokens = Tokens(
        (-0.1,) * 2,
        texts=("so", " Paris"),
        top_k=5,
        top_counts=(5, 2),
        top_logprobs=(*TOP_FIVE, -0.1, -3.0),
    )
    found = measured_of(metric, traced(TRACE, tokens=tokens))
    assert found.raw_value == pytest.approx(GOLDEN_C, abs=1e-9)
    assert dict(found.provenance)["excluded_tokens"] == "1"
    assert "tokens_excluded" in found.flags


def test_groups_slide_over_a_long_trace() -> None:
    """Lowest group, bottom tenth and tail are those of every window, as counted the slow way."""
    confidences = [5.0 + math.sin(t / 700) + (3.0 if t % 3 else 0.0) for t in range(5_000)]
    groups = [
        math.fsum(confidences[start : start + WINDOW]) / WINDOW
        for start in range(5_000 - WINDOW + 1)
    ]
    given = of_confidences(confidences)
    lowest = measured_of(LOWEST, given)
    assert lowest.raw_value == pytest.approx(min(groups))
    place = groups.index(min(groups))
    assert lowest.evidence[0].ref == f"response.tokens/{place}-{place + WINDOW - 1}"
    bottom = sorted(groups)[: len(groups) // 10]
    assert measured_of(BOTTOM, given).raw_value == pytest.approx(sum(bottom) / len(bottom))
    tail = confidences[-WINDOW:]
    assert measured_of(TAIL, given).raw_value == pytest.approx(sum(tail) / WINDOW)
    assert measured_of(MEAN, given).raw_value == pytest.approx(sum(confidences) / 5_000)
    assert lowest.flags == ()


def test_a_weak_stretch_shows_in_the_lowest_group_first() -> None:
    """A stretch of doubt in the middle moves the lowest group most and the tail not at all."""
    sure, doubtful = [12.0] * 3_000, [2.0] * 1_000
    given = of_confidences([*sure, *doubtful, *sure])
    lowest, bottom, mean, tail = (
        measured_of(metric, given).value for metric in (LOWEST, BOTTOM, MEAN, TAIL)
    )
    assert lowest <= bottom < mean < tail


def test_equal_alternatives_with_the_whole_probability_give_zero() -> None:
    """Where k alternatives share the probability evenly, C is log k and the value 0."""
    tokens = Tokens((-1.4,), texts=("so Paris",), top_k=4, top_logprobs=(math.log(0.25),) * 4)
    found = measured_of(MEAN, traced(TRACE, tokens=tokens))
    assert found.value == pytest.approx(0.0, abs=1e-9)

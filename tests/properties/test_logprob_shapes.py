"""Log-probabilities of any size and shape: a number or an absence, never an error or a NaN."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Need
from plimsoll.domain.result import Alternative, LlmResult, Response, Tokens, Usage
from plimsoll.metrics.registry import registered_metrics
from tests.properties.token_strategies import ANY_FLOATS, ORDERLY_FLOATS
from tests.support.fake_models import FAKE_TOOLS
from tests.unit.metrics.results import result

METRICS = [
    metric
    for metric in registered_metrics(FAKE_TOOLS)
    if metric.spec.family is Family.WHITE_BOX or Need.TOKEN_LOGPROBS in metric.spec.needs
]
WHITE_BOX = {metric.spec.name for metric in METRICS if metric.spec.family is Family.WHITE_BOX}
SCALES = st.sampled_from([1e-320, 1e-12, 1.0, 50.0, 745.0, 1e10, 1e300])


@st.composite
def large_tokens(draw: st.DrawFn) -> Tokens:
    """Up to 5,000 tokens with up to 20 alternatives each, of any scale, some in no order."""
    count = draw(st.sampled_from([1, 2, 3, 17, 64, 400, 2_048, 2_049, 5_000]))
    k = draw(st.sampled_from([0, 1, 2, 3, 15, 20]))
    drawn = np.random.default_rng(draw(st.integers(0, 2**32)))
    # Sums of this many stay finite, so that the numbers themselves are put to the test.
    scale = min(draw(SCALES), 1e307 / (count * max(1, k)))
    counts = drawn.integers(0, k + 1, count) if draw(st.booleans()) else np.full(count, k)
    tops = -scale * drawn.exponential(size=int(counts.sum()))
    logprobs = -scale * drawn.exponential(size=count)
    if draw(st.integers(0, 3)) == 0:
        logprobs[drawn.integers(count)] = draw(ANY_FLOATS)
    return Tokens(
        logprobs=tuple(logprobs.tolist()),
        top_k=k,
        top_counts=tuple(counts.tolist()),
        top_logprobs=tuple(tops.tolist()),
    )


def with_tokens(tokens: Tokens, *samples: Tokens) -> LlmResult:
    """A result with a trace, whose tokens are the trace's and then the answer's."""
    usage = Usage(output_tokens=len(tokens.logprobs), reasoning_output_tokens=1)
    return replace(
        result("Paris"),
        response=Response(text="Paris", reasoning="so Paris", tokens=tokens),
        alternatives=tuple(Alternative(Response(text="Rome", tokens=one)) for one in samples),
        usage=usage,
    )


def check(given_result: LlmResult) -> set[str]:
    """Holds every metric to the law; the names of those that gave a number."""
    numbers = set()
    for metric in METRICS:
        outcome = metric.compute(given_result)
        if isinstance(outcome, Absence):
            assert outcome.reason is not AbsenceReason.INTERNAL_ERROR, metric.spec.name
            continue
        numbers.add(metric.spec.name)
        assert 0.0 <= outcome.value <= 1.0, metric.spec.name
        assert outcome.raw_value is None or math.isfinite(outcome.raw_value), metric.spec.name
    return numbers


@given(tokens=large_tokens(), sample=large_tokens())
@settings(max_examples=120)
def test_any_size_and_scale(tokens: Tokens, sample: Tokens) -> None:
    """Thousands of tokens, probabilities down to nothing, and counts that differ do no harm."""
    check(with_tokens(tokens, sample))


@given(
    logprobs=st.lists(ANY_FLOATS, min_size=1, max_size=8),
    top_k=st.integers(-2, 2**32 - 1),
    top_counts=st.lists(st.integers(-2, 2**32 - 1), max_size=8),
    top_logprobs=st.lists(ANY_FLOATS, max_size=16),
    texts=st.lists(st.text(max_size=3), max_size=9),
)
@settings(max_examples=300)
def test_any_shape(
    logprobs: list[float],
    top_k: int,
    top_counts: list[int],
    top_logprobs: list[float],
    texts: list[str],
) -> None:
    """Columns that disagree in any way are an absence, however large they claim to be."""
    tokens = Tokens(
        logprobs=tuple(logprobs),
        texts=tuple(texts),
        top_k=top_k,
        top_counts=tuple(top_counts),
        top_logprobs=tuple(top_logprobs),
    )
    check(with_tokens(tokens, tokens))


@given(
    tops=st.lists(st.lists(ORDERLY_FLOATS, min_size=3, max_size=3), min_size=1, max_size=6),
    data=st.data(),
)
@settings(max_examples=100)
def test_proper_tokens_give_every_number(tops: list[list[float]], data: st.DataObject) -> None:
    """Every white-box metric has a number for proper tokens, and the same in any order of tops."""
    ordered = [sorted(top, reverse=True) for top in tops]
    shuffled = [data.draw(st.permutations(top)) for top in tops]
    one, other = (
        Tokens(
            logprobs=tuple(max(top) for top in tops),
            texts=("Paris",) * len(tops),
            top_k=3,
            top_logprobs=tuple(value for top in columns for value in top),
        )
        for columns in (ordered, shuffled)
    )
    assert check(with_tokens(one, one)) >= WHITE_BOX
    for metric in METRICS:
        assert metric.compute(with_tokens(one, one)) == metric.compute(with_tokens(other, other))

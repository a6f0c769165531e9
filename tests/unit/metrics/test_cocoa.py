"""CoCoA: a response's own uncertainty times how unlike its alternatives are."""

from __future__ import annotations

import math
from itertools import permutations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Tokens
from plimsoll.metrics.cocoa import mean_unlikeness
from plimsoll.metrics.cocoa_msp import CocoaMsp
from plimsoll.metrics.cocoa_mte import CocoaMte
from plimsoll.metrics.cocoa_ppl import CocoaPpl
from plimsoll.ports.metric import Metric
from tests.unit.metrics.results import result
from tests.unit.metrics.tokens import (
    FIVE,
    FIVE_AND_TWO,
    GOLDEN,
    INF,
    TOP_FIVE,
    measured_of,
    refused_of,
)

MSP, PPL, MTE = CocoaMsp(), CocoaPpl(), CocoaMte()
EVERY = pytest.mark.parametrize("metric", [MSP, PPL, MTE], ids=lambda m: m.spec.name)
TOKENS = Tokens(GOLDEN, top_k=5, top_logprobs=TOP_FIVE * 4)
# ROUGE-L F1 with "a b c d": 1, 2*2/6 and 0; mean of 1 - sim: (0 + 1/3 + 1) / 3.
TEXT, SAMPLES, UNLIKE = "a1 b1 c1 d1", ("a1 b1 c1 d1", "a1 d1", "x1 y1"), 4 / 9


def test_unlikeness_of_the_golden_similarities() -> None:
    """Similarities [.9, .8, .3] with the golden tokens: MSP .883333333, PPL .220833333."""
    unlike = mean_unlikeness([0.9, 0.8, 0.3])
    assert -math.fsum(GOLDEN) * unlike == pytest.approx(0.883333333, abs=1e-9)
    assert -math.fsum(GOLDEN) / 4 * unlike == pytest.approx(0.220833333, abs=1e-9)


@pytest.mark.parametrize(
    ("metric", "uncertainty", "value"),
    [
        (MSP, 2.65 * UNLIKE, math.exp(-2.65 * UNLIKE)),
        (PPL, 0.6625 * UNLIKE, math.exp(-0.6625 * UNLIKE)),
        (MTE, 0.904783854 * UNLIKE, 1 - 0.904783854 * UNLIKE / math.log(5)),
    ],
)
def test_each_variant_multiplies_its_own_uncertainty(
    metric: Metric, uncertainty: float, value: float
) -> None:
    """U is u(y) times the mean of 1 - ROUGE-L, and each variant declares its map to [0, 1]."""
    found = measured_of(metric, result(TEXT, tokens=TOKENS, samples=SAMPLES))
    assert found.raw_value == pytest.approx(uncertainty, abs=1e-9)
    assert found.value == pytest.approx(value, abs=1e-9)
    facts = dict(found.provenance)
    assert (facts["similarity"], facts["m"]) == ("rouge-l-f1", "3")
    assert facts["map"] in {"exp(-u)", "1-u/log k"}
    assert found.flags == ("low_sample",)


@EVERY
def test_alternatives_that_all_agree_leave_no_uncertainty(metric: Metric) -> None:
    """Where every alternative says the same, U is 0 and the value 1, however unsure the tokens."""
    found = measured_of(metric, result("Paris", tokens=TOKENS, samples=["Paris", "paris."]))
    assert (found.value, found.raw_value) == (1.0, 0.0)


@EVERY
def test_alternatives_that_share_no_word_leave_the_models_own(metric: Metric) -> None:
    """Where no alternative shares a word, the value is that of the uncertainty alone."""
    found = measured_of(metric, result("Paris", tokens=TOKENS, samples=["Rome", "Bonn"]))
    alone = {"cocoa_msp": 2.65, "cocoa_ppl": 0.6625, "cocoa_mte": 0.904783854}
    assert found.raw_value == pytest.approx(alone[metric.spec.name], abs=1e-9)


@EVERY
def test_texts_without_a_word_are_like_themselves_alone(metric: Metric) -> None:
    """`?` is like `?` and not like `!`."""
    same = measured_of(metric, result("?", tokens=TOKENS, samples=["?"]))
    other = measured_of(metric, result("?", tokens=TOKENS, samples=["!"]))
    assert same.value == 1.0 > other.value


@EVERY
def test_the_order_of_samples_does_not_matter(metric: Metric) -> None:
    """Every order of four samples gives the same number, bit for bit."""
    samples = ["a1 b1", "b1 c1 d1", "d1", "a1 x1 d1"]
    values = {
        measured_of(metric, result(TEXT, tokens=TOKENS, samples=order)).value
        for order in permutations(samples)
    }
    assert len(values) == 1


@EVERY
def test_what_is_missing_is_told(metric: Metric) -> None:
    """No alternative and no tokens are absences, and broken tokens are invalid."""
    lone = refused_of(metric, result(TEXT, tokens=TOKENS))
    assert lone.reason is AbsenceReason.INSUFFICIENT_SAMPLES
    bare = refused_of(metric, result(TEXT, samples=SAMPLES))
    assert bare.reason is AbsenceReason.INPUT_MISSING
    broken = Tokens((-0.1, -INF), top_k=2, top_logprobs=(-0.1, -2.0) * 2)
    invalid = refused_of(metric, result(TEXT, tokens=broken, samples=SAMPLES))
    assert invalid.reason is AbsenceReason.INPUT_INVALID


def test_entropy_leaves_tokens_out_and_says_so() -> None:
    """Tokens short of k change flags and count of the MTE variant, not its number."""
    whole = measured_of(MTE, result(TEXT, tokens=FIVE, samples=SAMPLES))
    part = measured_of(MTE, result(TEXT, tokens=FIVE_AND_TWO, samples=SAMPLES))
    assert part.value == whole.value
    assert part.flags == ("tokens_excluded", "low_sample")

"""How dense the model's probable answers lie around the response."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import permutations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Alternative, LlmResult, Message, Response, Tokens
from plimsoll.metrics.semantic_density import SemanticDensity, kernel, weighted
from plimsoll.ports.tools import NO_TOOLS, Entailment, Tools
from tests.support.fake_models import TableEntailment, WordEntailment
from tests.unit.metrics.results import result
from tests.unit.metrics.tokens import INF, measured_of, refused_of

# Premise is the response, behind the question.
GOLDEN = TableEntailment(
    {
        ("Where? Paris", "Where? In France"): Entailment(0.9, 0.1, 0.0),
        ("Where? Paris", "Where? In Europe"): Entailment(0.7, 0.2, 0.1),
        ("Where? Paris", "Where? Rome"): Entailment(0.05, 0.05, 0.9),
    }
)
SAMPLES = (("In France", 0.5), ("In Europe", 0.3), ("Rome", 0.2))


def sampled(*samples: tuple[str, float | None], text: str = "Paris") -> LlmResult:
    """A result with alternatives of these texts and probabilities."""
    alternatives = tuple(
        Alternative(
            Response(
                text=sample,
                tokens=None if probability is None else Tokens((math.log(probability),)),
            )
        )
        for sample, probability in samples
    )
    messages = (Message(role="user", text="Where?"),)
    return replace(result(text), alternatives=alternatives, messages=messages)


def test_the_golden_vector() -> None:
    """Probabilities [.5, .3, .2], p_c [0, .1, .9], p_n [.1, .2, .05]: K [.95, .8, .075], SD .73."""
    judged = [Entailment(0.9, 0.1, 0.0), Entailment(0.7, 0.2, 0.1), Entailment(0.05, 0.05, 0.9)]
    assert [kernel(answer) for answer in judged] == pytest.approx([0.95, 0.8, 0.075], abs=1e-9)
    found = measured_of(SemanticDensity(GOLDEN), sampled(*SAMPLES))
    assert found.value == pytest.approx(0.73, abs=1e-9)
    facts = dict(found.provenance)
    assert facts["entailment_model"] == GOLDEN.name
    assert facts["distinct_alternatives"] == "3"
    assert facts["response_included"] == "no"


def test_beyond_the_kernel_there_is_nothing() -> None:
    """A model whose shares add up to more than 1 gets the kernel 0 there, and never less."""
    assert kernel(Entailment(0.0, 0.35, 0.65)) == pytest.approx(1 - 0.65 - 0.175)
    assert kernel(Entailment(0.0, 0.4, 0.8)) == 0.0
    assert kernel(Entailment(0.0, 0.0, 1.0)) == 0.0


def test_texts_count_once() -> None:
    """A text that was sampled twice weighs as one, by its higher probability."""
    once = measured_of(SemanticDensity(GOLDEN), sampled(*SAMPLES))
    twice = measured_of(SemanticDensity(GOLDEN), sampled(*SAMPLES, ("Rome", 0.1)))
    assert twice.value == once.value


def test_the_response_itself_is_as_near_as_can_be() -> None:
    """An alternative that says the same has the kernel 1 without a question to the model."""
    model = WordEntailment()
    found = measured_of(SemanticDensity(model), sampled(("Paris", 0.2), ("paris.", 0.3)))
    assert (found.value, model.asked) == (1.0, [])


def test_the_order_of_samples_does_not_matter() -> None:
    """Every order of the samples gives the same number, bit for bit."""
    values = {
        measured_of(SemanticDensity(GOLDEN), sampled(*order)).value
        for order in permutations((*SAMPLES, ("Bonn", 0.13)))
    }
    assert len(values) == 1


def test_improbable_texts_still_weigh() -> None:
    """Where every probability underflows, weights are relative: no division by zero, no NaN."""
    assert weighted([1.0, 0.0], [-5_000.0, -5_000.0]) == 0.5


def test_alternatives_without_tokens_are_left_out_and_told_of() -> None:
    """A sample without log-probabilities changes flags, not the number."""
    found = measured_of(SemanticDensity(GOLDEN), sampled(*SAMPLES, ("Bonn", None)))
    assert found.value == pytest.approx(0.73, abs=1e-9)
    assert found.flags == ("low_sample", "samples_excluded")


def test_what_is_missing_is_told() -> None:
    """No model, no alternative with tokens and broken tokens are absences of three kinds."""
    bare = SemanticDensity.with_tools(NO_TOOLS)
    assert refused_of(bare, sampled(*SAMPLES)).reason is AbsenceReason.NOT_CONFIGURED
    metric = SemanticDensity.with_tools(Tools(entailment=GOLDEN))
    lone = refused_of(metric, sampled(("Rome", None)))
    assert lone.reason is AbsenceReason.INSUFFICIENT_SAMPLES
    broken = Alternative(Response(text="Rome", tokens=Tokens((-INF,))))
    given = replace(sampled(*SAMPLES), alternatives=(broken,))
    assert refused_of(metric, given).reason is AbsenceReason.INPUT_INVALID

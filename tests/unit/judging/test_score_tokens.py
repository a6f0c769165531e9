"""The grade's own token in a verdict, and the probabilities of the grades beside it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace

import pytest

from plimsoll.domain.judging import JudgeReply
from plimsoll.domain.result import Tokens
from plimsoll.judging.score_tokens import grade_logprobs
from tests.unit.judging.judged import panel

RUBRIC = panel().rubric
VERDICT = {"rationale": 'it earns, "grade": 5', "cannot_tell": False, "grade": 4, "nonce": "n"}
TOP: Mapping[str, float] = {"4": 0.5, "5": 0.2, " 5": 0.1, "}": 0.1, "9": 0.05}


def reply(verdict: Mapping[str, object] = VERDICT, top: Mapping[str, float] = TOP) -> JudgeReply:
    """A verdict written as JSON, a token a character, with the alternatives of its grade."""
    written = json.dumps(verdict)
    place = written.rindex('"grade": ') + len('"grade": ')
    counts = tuple(len(top) if index == place else 0 for index in range(len(written)))
    return JudgeReply(
        verdict,
        tokens=Tokens(
            logprobs=tuple(
                math.log(top.get(c, 1.0)) if i == place else 0.0 for i, c in enumerate(written)
            ),
            texts=tuple(written),
            top_counts=counts,
            top_logprobs=tuple(map(math.log, top.values())),
            top_texts=tuple(top),
        ),
    )


def test_the_grades_of_the_rubric_have_their_probabilities() -> None:
    """What is no grade is left out; a grade with a blank before it is the same grade."""
    found = grade_logprobs(RUBRIC, reply())
    assert found is not None
    assert {g: round(math.exp(p), 6) for g, p in found.items()} == {4.0: 0.5, 5.0: 0.3}


def test_words_that_quote_a_grade_are_not_the_grade() -> None:
    """A rationale that holds the member's name and a grade moves nothing."""
    plain = grade_logprobs(RUBRIC, reply({**VERDICT, "rationale": "fine"}))
    assert grade_logprobs(RUBRIC, reply()) == plain


@pytest.mark.parametrize(
    "spoilt",
    [
        replace(reply(), tokens=None),
        replace(reply(), outcome={**VERDICT, "grade": 3}),
        replace(reply(), tokens=replace(reply().tokens or Tokens(()), texts=())),
        reply({"a": {"grade": 4}, "grade": 4}),
        replace(reply(), tokens=Tokens((0.0,), ("a verdict of another form",))),
    ],
    ids=["no_tokens", "another_grade", "no_texts", "two_places", "no_place"],
)
def test_tokens_that_are_not_the_verdict_s_count_nothing(spoilt: JudgeReply) -> None:
    """Where the grade's token is not certain there are no probabilities, and none are guessed."""
    assert grade_logprobs(RUBRIC, spoilt) is None


def test_without_alternatives_the_token_itself_is_known() -> None:
    """A server that tells chosen tokens only leaves one grade with its probability."""
    told = reply()
    assert told.tokens is not None
    alone = replace(told.tokens, top_counts=(), top_logprobs=(), top_texts=())
    found = grade_logprobs(RUBRIC, replace(told, tokens=alone))
    assert found is not None
    assert dict(found) == {4.0: math.log(0.5)}


@pytest.mark.parametrize("logprob", [-1_000.0, -math.inf, math.nan, 0.5])
def test_a_grade_without_a_probability_counts_nothing(logprob: float) -> None:
    """What is above 0, no number or too small for one, as of a forbidden token, is none."""
    told = reply(top={"4": 0.5, "5": 0.2})
    assert told.tokens is not None
    masked = replace(told.tokens, top_logprobs=(math.log(0.5), logprob))
    found = grade_logprobs(RUBRIC, replace(told, tokens=masked))
    assert found is not None
    assert dict(found) == {4.0: math.log(0.5)}
    alone = replace(told.tokens, top_counts=(), top_logprobs=(), top_texts=())
    alone = replace(alone, logprobs=(logprob,) * len(alone.logprobs))
    assert grade_logprobs(RUBRIC, replace(told, tokens=alone)) is None

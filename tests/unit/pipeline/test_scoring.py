"""From a result to its scores: what runs, where it runs, and that it is always the same."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest

from plimsoll.calibration.artefact import parse_artefact
from plimsoll.calibration.combine import Combination
from plimsoll.calibration.learned import LearnedCombination
from plimsoll.calibration.learning.standing import Standing
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.confidence import Promise
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.learned import Certificate
from plimsoll.domain.metric import Need
from plimsoll.domain.plan import Plan, PlanRule, Resampling
from plimsoll.domain.result import Code, Expectations, TaskKind
from plimsoll.domain.score import Score, Strength
from plimsoll.metrics.own_strengths import parse_own_strengths
from plimsoll.metrics.registry import registered_metrics
from plimsoll.pipeline.scoring import INLINE_STEPS, ResultScorer
from plimsoll.ports.tools import NO_TOOLS, Tools
from plimsoll.wire.scored import decode_scored, encode_scored
from tests.support.fake_models import LetterEmbedder
from tests.support.fake_sandbox import HashSandbox
from tests.unit.metrics.results import result

START = datetime(2026, 1, 1, tzinfo=UTC)
EVERYTHING = Plan("all", (PlanRule("all", None),))
PRIOR_TEXT = files("plimsoll.calibration").joinpath("prior.json").read_text(encoding="utf-8")
SCHEMA = Expectations(json_schema='{"type": "object"}')


def scorer(plan: Plan = EVERYTHING) -> ResultScorer:
    """The shipped metrics and combination under a plan."""
    return ResultScorer(plan, registered_metrics(), Combination.load_prior())


def names(plan: Plan, kind: TaskKind) -> list[str]:
    """Which metrics a plan runs for a kind of task."""
    return [score.metric for score in scorer(plan).score(result(kind=kind), "digest").scores]


def test_the_first_matching_rule_decides() -> None:
    """A rule for code runs its own metrics; everything else falls to the rule below."""
    plan = Plan(
        "two",
        (
            PlanRule("code", ("regex_validity",), task_kinds=frozenset({TaskKind.CODE})),
            PlanRule("rest", ("response_length", "exact_match_rate")),
        ),
    )
    assert names(plan, TaskKind.CODE) == ["regex_validity"]
    assert names(plan, TaskKind.OPEN_QA) == ["response_length", "exact_match_rate"]


def test_a_rule_may_ask_for_nothing() -> None:
    """Without metrics the result has no scores, and a confidence that is absent."""
    plan = Plan("none", (PlanRule("none", ()),))
    scored = scorer(plan).score(result(), "digest")
    assert scored.scores == ()
    assert scored.confidence.estimate is None


def test_an_unknown_metric_is_named() -> None:
    """A plan that asks for a metric that is none stops the start, and says which."""
    with pytest.raises(ConfigurationError, match="'typo' of the scoring plan names perplexitty"):
        scorer(Plan("x", (PlanRule("typo", ("perplexitty",)),)))


class ReadsWhatItMayNot(Combination):
    """The shipped combination, said to read a metric that sees right answers."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """One that may decide, and one that may not."""
        return ("sequence_probability", "reference_token_f1")


def test_a_combination_that_reads_right_answers_is_refused() -> None:
    """A fitted artefact that rests on references stops the start, and names the metric."""
    cheating = ReadsWhatItMayNot(parse_artefact(PRIOR_TEXT))
    with pytest.raises(ConfigurationError, match="reads reference_token_f1, a baseline or one"):
        ResultScorer(EVERYTHING, registered_metrics(), cheating)


def test_a_plain_result_has_nothing_aside() -> None:
    """What has no long metric is scored on the event loop, without a task."""
    assert scorer().allot(result(samples=["Paris", "Lyon"])).aside == ()


@pytest.mark.parametrize(
    ("expectations", "need"),
    [
        (Expectations(json_schema='{"minimum": 1}'), Need.JSON_SCHEMA),
        (Expectations(regex="(a|b)*c"), Need.REGEX),
    ],
)
def test_what_users_wrote_runs_aside(expectations: Expectations, need: Need) -> None:
    """A schema or pattern of the user's never runs on the event loop, however short it is."""
    aside = scorer().allot(result(expectations=expectations)).aside
    of_the_user = [metric for metric in registered_metrics() if need in metric.spec.needs]
    assert [m.spec.name for m in aside] == [m.spec.name for m in of_the_user] != []


def test_a_schema_without_bounds_costs_no_second_process() -> None:
    """Where a schema has no range, `range_validity` says so on the event loop."""
    aside = scorer().allot(result(expectations=SCHEMA)).aside
    assert [metric.spec.name for metric in aside] == ["json_schema_validity"]


def test_long_results_run_aside() -> None:
    """A result whose metrics would hold the event loop up leaves it to other processes."""
    aside = scorer().allot(result("word " * INLINE_STEPS, samples=["word"])).aside
    assert aside


def test_what_uses_a_tool_runs_aside_where_the_tool_is_there() -> None:
    """A metric that waits for a model or a program never holds the event loop up."""
    tools = Tools(embedder=LetterEmbedder())
    tooled = ResultScorer(EVERYTHING, registered_metrics(tools), Combination.load_prior(), tools)
    waiting = tooled.allot(result(samples=["Lyon"])).aside
    assert waiting
    assert all(Need.EMBEDDING_MODEL in metric.spec.needs for metric in waiting)


def test_scores_are_the_same_in_any_order_and_process() -> None:
    """Two scorers give one result the same score ID and the same content digest."""
    question = result("Paris", samples=["Paris", "Lyon", "Paris"], context=["Paris is a city."])
    first = decode_scored(encode_scored(scorer().score(question, "d"), "t", 262_144).value or b"")
    other = scorer()
    other.score(result("something else"), "e")
    second = decode_scored(encode_scored(other.score(question, "d"), "t", 262_144).value or b"")
    assert first == second
    assert first.content_digest


def test_identity_follows_input_plan_and_revision() -> None:
    """Another input, another plan or another revision is another score."""
    question = result()
    ids = {
        scorer().score(question, "d").score_id,
        scorer().score(question, "e").score_id,
        scorer().score(question, "d", 7).score_id,
        scorer(replace(EVERYTHING, version="other")).score(question, "d").score_id,
    }
    assert len(ids) == 4


def learned(threshold: float) -> ResultScorer:
    """The shipped metrics under a combination with one certificate, for any scope."""
    certificate = Certificate(
        "promise-1", 0.1, 0.1, threshold, 60, 1, 0.09, 0.6, START, START + timedelta(days=30)
    )
    standing = Standing("prior-learned", None, (certificate,), None)
    combination = LearnedCombination(Combination.load_prior(), lambda _: standing)
    return ResultScorer(EVERYTHING, registered_metrics(), combination)


def test_a_basis_follows_the_metrics_of_the_rule() -> None:
    """Two rules with the same inputs share one; what the combination does not read is no matter."""
    plans = [
        Plan("one", (PlanRule("one", ("exact_match_rate", "response_length")),)),
        Plan("two", (PlanRule("two", ("response_length", "exact_match_rate", "json_validity")),)),
        Plan("three", (PlanRule("three", ("exact_match_rate", "sequence_probability")),)),
    ]
    question = result(samples=["Paris", "Paris"])
    first, second, third = (scorer(plan).score(question, "d").confidence.basis for plan in plans)
    assert first == second != third
    assert len(first) == 16


def test_a_basis_follows_a_sandbox_that_is_switched_on() -> None:
    """Of results with code, where the rule runs it; of other results and rules none changes."""
    plain, prior = result(samples=["Paris", "Paris"]), Combination.load_prior()
    coded = replace(plain, code=Code("def f(x):\n    return x\n", "python"))
    for metrics, question, changes in (
        (("exact_match_rate", "behaviour_agreement"), coded, True),
        (("exact_match_rate", "behaviour_agreement"), plain, False),
        (("exact_match_rate",), coded, False),
    ):
        plan = Plan("one", (PlanRule("one", metrics),))
        off, on = (
            ResultScorer(plan, registered_metrics(tools), prior, tools)
            .score(question, "d")
            .confidence.basis
            for tools in (NO_TOOLS, Tools(sandbox=HashSandbox()))
        )
        assert (off != on) is changes


def test_a_basis_follows_resampling_that_is_switched_on() -> None:
    """Other alternatives are another stream of points."""
    question = result(samples=["Paris", "Paris"])
    rule = PlanRule("one", ("exact_match_rate",))
    plans = [Plan("p", (each,)) for each in (rule, replace(rule, resampling=Resampling()))]
    off, on = (scorer(plan).score(question, "d").confidence.basis for plan in plans)
    assert off != on


def test_what_was_learned_is_part_of_a_score_s_identity() -> None:
    """The same result under another standing is another score, by the confidence's own ID."""
    question = result(samples=["Paris", "Paris"])
    plain, taught = scorer().score(question, "d"), learned(0.0).score(question, "d")
    assert taught.confidence.calibration_id == "prior-learned"
    assert taught.score_id != plain.score_id
    assert taught.confidence.outcome == plain.confidence.outcome


def test_nothing_is_promised_of_a_result_that_is_not_complete() -> None:
    """A certificate is about results that were scored to the end."""
    question, taught = result(samples=["Paris", "Paris"]), learned(0.0)
    whole = taught.score(question, "d")
    assert whole.confidence.promises == (Promise(0.1, "promise-1"),)
    cut = taught.assemble(question, "d", whole.scores, complete=False)
    assert cut.confidence == replace(whole.confidence, promises=())


def with_own(auroc: float) -> ResultScorer:
    """The shipped metrics and combination, and strengths of one's own, on which the plan rests."""
    rows = [
        {
            "metric": metric, "version": version, "task_kind": "open_qa", "language": "en",
            "auroc": auroc, "lower": 0.5, "upper": 0.9, "level": 0.9, "labels": 90,
            "dataset": "tickets", **more,
        }
        for metric, version, more in (
            ("exact_match_rate", "1", {}),
            ("perplexity", "1", {}),
            ("judge", "r1", {"model": "m"}),
        )
    ]  # fmt: skip
    own = parse_own_strengths(json.dumps({"schema": 1, "strengths": rows}))
    plan = EVERYTHING.resting_on(own.name)
    return ResultScorer(plan, registered_metrics(), Combination.load_prior(), own=own)


def datasets(scores: Iterable[Score]) -> dict[str, str]:
    """On which data each metric was measured, where it was."""
    return {
        one.metric: one.strength.dataset for one in scores if isinstance(one.strength, Strength)
    }


def test_scores_of_every_path_carry_ones_own_strengths() -> None:
    """Whether a number was found here, aside or by judges, and also where there is none."""
    asked, scorer = result("Paris", samples=["Paris", "Lyon"]), with_own(0.7)
    late = scorer.absent("perplexity", asked, Absence(AbsenceReason.TIMED_OUT))
    judged = Score("judge", "r1", 0.5, provenance=(("judges", "m"),))
    found = scorer.assemble(asked, "d", (scorer.evaluate("exact_match_rate", asked), late, judged))
    assert datasets(found.scores) == dict.fromkeys(
        ("exact_match_rate", "perplexity", "judge"), "tickets"
    )
    shipped = datasets(scorer.evaluate(name, asked) for name in ("exact_match_rate", "perplexity"))
    assert "tickets" not in shipped.values()


def test_strengths_are_in_the_digest_and_in_the_name() -> None:
    """The same table gives the same digest; another one another digest, under another score ID."""
    asked = result("Paris", samples=["Paris", "Lyon"])
    one, same, other = (
        decode_scored(encode_scored(of.score(asked, "d"), "t", 262_144).value or b"")
        for of in (with_own(0.7), with_own(0.7), with_own(0.8))
    )
    assert one == same
    assert one.content_digest != other.content_digest
    assert one.score_id != other.score_id
    assert one.confidence == other.confidence

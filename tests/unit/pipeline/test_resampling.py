"""Alternatives within a result's scoring: when they are drawn, for whom, and what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.confidence import Verdict
from plimsoll.domain.judging import JudgeReply, JudgeTraits
from plimsoll.domain.plan import Plan, PlanRule, Resampling
from plimsoll.domain.policy import Clause, Comparison, Condition, Policy, Subject
from plimsoll.domain.result import LlmResult, Message, Response
from plimsoll.domain.score import Score
from plimsoll.pipeline.aside import Aside, Measured
from plimsoll.pipeline.askers import NOBODY, Askers
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judge_calls import Question
from plimsoll.pipeline.judging import Judged
from plimsoll.pipeline.jurors import Juror
from plimsoll.pipeline.panels import PanelScorer
from plimsoll.pipeline.resampling import Resampler, Sampler
from tests.support.fake_clock import FakeClock
from tests.unit.judging.judged import PLAIN, panel
from tests.unit.metrics.results import result
from tests.unit.pipeline.test_panels import NOTHING_KNOWN, Oracle
from tests.unit.pipeline.test_scoring import scorer

ASKED = replace(result("Paris."), messages=(Message("user", "Capital of France?"),))
MAIL = "ann@example.com"
METRICS = ("exact_match_rate", "response_length", "degree_jaccard")


def plan(**rule: object) -> Plan:
    """One rule that draws three from the judge `s`."""
    drawing = Resampling(samples=3, judge="s")
    return Plan("p", (replace(PlanRule("r", METRICS, resampling=drawing), **rule),))  # type: ignore[arg-type]  # fields of a rule


@dataclass
class Model:
    """Says these texts or absences, one a call, and keeps what it was asked."""

    says: Sequence[str | Absence]
    asked: list[Question] = field(default_factory=list)

    async def ask(self, question: Question, time: ResultClock) -> Judged:
        """At once, for a cent."""
        said = self.says[question.call.sample_index % len(self.says)]
        self.asked.append(question)
        outcome = said if isinstance(said, Absence) else {"text": said}
        return Judged(JudgeReply(outcome, cost_usd=0.01), held_out=isinstance(said, Absence))


async def measured(model: Model, of: Plan, asked: LlmResult = ASKED) -> Measured:
    """A result's scores where the judge `s` is that model."""
    resampler = Resampler({"s": Sampler("m", PLAIN, model)}, lambda _: None)
    core = scorer(of)
    aside = Aside(core, FakeClock(), None, Askers(resampler=resampler))
    return await aside.measure(asked, core.allot(asked))


def by_name(found: Measured) -> dict[str, Score]:
    """Scores by metric."""
    return {score.metric: score for score in found.scores}


async def test_metrics_work_on_what_is_drawn_in_the_plan_s_order() -> None:
    """Only what lacked alternatives waited; the event has the order of the plan all the same."""
    model = Model(("Paris.", "Lyon.", "Paris."))
    found = await measured(model, plan())
    assert [score.metric for score in found.scores] == list(METRICS)
    assert by_name(found)["exact_match_rate"].value == pytest.approx(2 / 3)
    assert {q.policy for q in model.asked} == {"resampling"}
    assert all(q.asker is not None and q.asker.result_id == "r-1" for q in model.asked)
    costs = {one.metric: one.cost_usd for one in found.observed}
    assert costs["resampling"] == pytest.approx(0.03)


async def test_the_order_of_samples_changes_nothing() -> None:
    """Which call drew which text is chance, and no number rests on it."""
    one = await measured(Model(("Paris.", "Lyon.", "Paris is it.")), plan())
    other = await measured(Model(("Paris is it.", "Paris.", "Lyon.")), plan())
    assert one.scores == other.scores


async def test_a_producer_s_own_are_enough() -> None:
    """Where there are alternatives nobody is asked, and ours are not mixed in."""
    model = Model(("Lyon.",))
    asked = replace(ASKED, alternatives=result("x", samples=("Paris.",)).alternatives)
    found = by_name(await measured(model, plan(), asked))
    assert model.asked == []
    assert dict(found["exact_match_rate"].provenance)["sampled_by"] == "producer"


@pytest.mark.parametrize(
    ("metrics", "asked"),
    [
        (("response_length",), ASKED),
        (("noncontradiction", "response_length"), ASKED),
        (METRICS, replace(ASKED, response=Response())),
    ],
    ids=["none_can_use_them", "its_model_is_not_there", "no_response"],
)
async def test_what_nobody_can_use_is_not_paid_for(
    metrics: tuple[str, ...], asked: LlmResult
) -> None:
    """Alternatives are drawn only where a metric lacks nothing else."""
    model = Model(("Paris.",))
    found = await measured(model, plan(metrics=metrics), asked)
    assert len(found.scores) == len(metrics)
    assert model.asked == []


async def test_a_settled_verdict_draws_nothing() -> None:
    """What cannot change the verdict any more is `not_needed`."""
    short = Condition(
        "short",
        (Clause(Subject.SCORE, Comparison.AT_LEAST, 0.0, "response_length"),),
        Verdict.REJECT,
    )
    model = Model(("Paris.",))
    policy = Policy("p", (short,), Verdict.REVIEW)
    found = by_name(await measured(model, plan(policy=policy)))
    assert model.asked == []
    absence = found["exact_match_rate"].absence
    assert absence is not None
    assert absence.reason is AbsenceReason.NOT_NEEDED


async def test_without_a_prompt_there_is_an_absence() -> None:
    """Every metric that waited says why, and nobody was asked."""
    model = Model(("Paris.",))
    found = by_name(await measured(model, plan(), replace(ASKED, messages=())))
    assert model.asked == []
    for name in ("exact_match_rate", "degree_jaccard"):
        absence = found[name].absence
        assert absence is not None
        assert absence.reason is AbsenceReason.INPUT_MISSING
        assert "no messages" in absence.detail


async def test_where_nobody_can_be_asked() -> None:
    """A plan that draws keeps its scores' places in a scorer without judges."""
    core = scorer(plan())
    found = by_name(await Aside(core, FakeClock(), None, NOBODY).measure(ASKED, core.allot(ASKED)))
    absence = found["exact_match_rate"].absence
    assert absence is not None
    assert absence.reason is AbsenceReason.NOT_CONFIGURED


async def test_a_hold_that_ran_out_is_handed_on() -> None:
    """The result is incomplete and asked for again: the absence is not its own."""
    away = Absence(AbsenceReason.THROTTLED, "the quota is spent")
    found = await measured(Model((away,)), plan())
    assert found.held_out == away
    absence = by_name(found)["exact_match_rate"].absence
    assert absence is not None
    assert absence.reason is AbsenceReason.THROTTLED


async def test_samplers_see_placeholders_and_metrics_the_text() -> None:
    """What was kept from the model stands in its alternatives again before they are compared."""
    asked = replace(
        result(f"Write to {MAIL}."), messages=(Message("user", f"How do I reach {MAIL}?"),)
    )
    model = Model(("Write to [email_1].",))
    found = by_name(await measured(model, plan(redact_pii=True), asked))
    assert [q.call.material for q in model.asked] == ["How do I reach [email_1]?"] * 3
    assert found["exact_match_rate"].value == 1.0


async def test_judges_see_placeholders_where_the_panel_says_so() -> None:
    """The same entity by the same name in request and response; without the switch, as it is."""
    asked = replace(
        result(f"Write to {MAIL}."), messages=(Message("user", f"Is {MAIL.upper()} right?"),)
    )
    for redacted in (True, False):
        oracle = Oracle(lambda _: 5)
        jury = PanelScorer({"a": Juror("a", "m", JudgeTraits(), oracle)}, NOTHING_KNOWN)
        of = replace(panel(judges=("a",)), redact_pii=redacted)
        await jury.ask(of, asked, ResultClock(FakeClock(), 30.0, 60.0))
        (question,) = oracle.asked
        assert (MAIL in question.call.material) is not redacted
        assert question.call.material.count("[email_1]") == 2 * redacted

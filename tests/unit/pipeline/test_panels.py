"""Panels: what jurors say, what is missing, and what follows for the result being right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from plimsoll.calibration.judges.table import ReliabilityTable, learned
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.confidence import Verdict
from plimsoll.domain.judging import JudgeCall, JudgeReply
from plimsoll.domain.metric import Cost
from plimsoll.domain.plan import Plan, PlanRule
from plimsoll.domain.policy import Clause, Comparison, Condition, Policy, Subject
from plimsoll.domain.result import LlmResult, Message, Response
from plimsoll.domain.rubric import Panel
from plimsoll.domain.verdicts import JudgeKey, LabelledVerdict
from plimsoll.pipeline.aside import Aside
from plimsoll.pipeline.askers import NOBODY, Askers
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judge_calls import Question
from plimsoll.pipeline.judging import Judged
from plimsoll.pipeline.jurors import Juror
from plimsoll.pipeline.panels import PanelOutcome, PanelScorer
from tests.support.fake_clock import FakeClock
from tests.unit.judging.judged import PLAIN, panel
from tests.unit.judging.test_score_tokens import reply
from tests.unit.metrics.results import result
from tests.unit.pipeline.test_scoring import scorer

ASKED = replace(result("Paris is the capital."), messages=(Message("user", "Capital of France?"),))
NOTHING_KNOWN = learned(())
REFUSED = Absence(AbsenceReason.JUDGE_REFUSED, "the judge refused")
Says = Callable[[JudgeCall], int | Absence]


@dataclass
class Oracle:
    """Grades as it is told, at a cent a question."""

    says: Says
    asked: list[Question] = field(default_factory=list)

    async def ask(self, question: Question, time: ResultClock) -> Judged:
        """At once."""
        del time
        self.asked.append(question)
        said = self.says(question.call)
        verdict: Mapping[str, object] | Absence = (
            said
            if isinstance(said, Absence)
            else {"rationale": f"It earns {said}.", "cannot_tell": False, "grade": said}
        )
        return Judged(JudgeReply(verdict, cost_usd=0.01))


def jury(table: ReliabilityTable = NOTHING_KNOWN, **says: int | Absence) -> PanelScorer:
    """Jurors by name, each with what it always says."""
    jurors = {
        name: Juror(name, f"model-{name}", PLAIN, Oracle(lambda _, said=said: said))  # type: ignore[misc]  # bound now
        for name, said in says.items()
    }
    return PanelScorer(jurors, table)


async def outcome(scorer: PanelScorer, of: Panel, result: LlmResult = ASKED) -> PanelOutcome:
    """What a panel comes to."""
    return await scorer.ask(of, result, ResultClock(FakeClock(), 30.0, 60.0))


def labelled(
    of: Panel, judge: str, right_passed: int, wrong_passed: int, n: int = 100
) -> list[LabelledVerdict]:
    """So many of `n` right and of `n` wrong items passed by a judge."""
    key = JudgeKey(of.rubric.name, of.rubric.version, f"model-{judge}", "en", of.task_version)
    right = [LabelledVerdict(key, f"r{i}", i < right_passed, True) for i in range(n)]
    return [*right, *(LabelledVerdict(key, f"w{i}", i < wrong_passed, False) for i in range(n))]


async def test_the_mean_of_what_judges_say() -> None:
    """Grades 5 and 3 of 1 to 5 are 0.75 on average, with votes and words as evidence."""
    of = panel(judges=("a", "b"))
    found = await outcome(jury(a=5, b=3), of)
    score = found.scores["judge"]
    assert (score.value, score.raw_value) == (0.75, 4.0)
    assert [e.text for e in score.evidence if e.kind == "rationale"] == [
        "It earns 5.",
        "It earns 3.",
    ]
    assert found.cost_usd == pytest.approx(0.02)
    assert "unmeasured" in score.flags


async def test_a_missing_juror_widens_and_is_not_forgotten() -> None:
    """The mean of two is not that of three: what the third could have said is in the interval."""
    whole = (await outcome(jury(a=5, b=4, c=5), panel(judges=("a", "b", "c")))).scores["judge"]
    part = (await outcome(jury(a=5, b=4, c=REFUSED), panel(judges=("a", "b", "c")))).scores["judge"]
    assert whole.interval is not None
    assert part.interval is not None
    assert part.interval.lower < whole.interval.lower
    assert part.interval.lower <= 2 / 3 * 0.875
    assert "judge_missing" in part.flags
    assert "2 of 3" in part.evidence[0].text or "1 without a verdict" in part.evidence[0].text


async def test_few_that_agree_are_not_certain() -> None:
    """The interval of one to three judges that say the same narrows, and never to a point."""
    names = ("a", "b", "c")
    widths = []
    for some in (names[:1], names[:2], names):
        found = await outcome(jury(NOTHING_KNOWN, **dict.fromkeys(some, 5)), panel(judges=some))
        interval = found.scores["judge"].interval
        assert interval is not None
        widths.append(interval.upper - interval.lower)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] > 0.3


async def test_nobody_answers() -> None:
    """Without a verdict there is no number, and the absence says why."""
    found = await outcome(jury(a=REFUSED, b=REFUSED), panel(judges=("a", "b")))
    for score in found.scores.values():
        assert score.absence is not None
        assert score.absence.reason is AbsenceReason.JUDGE_REFUSED
        assert "none of 2 judges" in score.absence.detail


async def test_an_unmeasured_judge_says_next_to_nothing_of_being_right() -> None:
    """Its posterior is about the prior, and its interval nearly all there is."""
    found = (await outcome(jury(a=5), panel(judges=("a",)))).scores["judge_posterior"]
    assert found.interval is not None
    assert found.interval.upper - found.interval.lower > 0.8
    assert "unmeasured" in found.flags


async def test_a_measured_judge_counts_by_its_labels() -> None:
    """With sensitivity .9 and specificity .8 on labels a pass raises P(right) and narrows it."""
    of = panel(judges=("a",))
    table = learned(labelled(of, "a", 90, 20))
    passed = (await outcome(jury(table, a=5), of)).scores["judge_posterior"]
    failed = (await outcome(jury(table, a=1), of)).scores["judge_posterior"]
    assert passed.value is not None
    assert failed.value is not None
    assert failed.value < 0.5 < passed.value
    assert "unmeasured" not in passed.flags
    assert (
        passed.provenance_hash
        != (await outcome(jury(a=5), of)).scores["judge_posterior"].provenance_hash
    )


async def test_a_sure_but_wrong_judge_is_uninformative() -> None:
    """A judge that always says 5 is no evidence, however consistent it is with itself."""
    of = panel(judges=("a",))
    table = learned(labelled(of, "a", 100, 100))
    found = (await outcome(jury(table, a=5), of)).scores
    absence = found["judge_posterior"].absence
    assert absence is not None
    assert absence.reason is AbsenceReason.JUDGE_UNINFORMATIVE
    assert found["judge"].value == 1.0


async def test_boilerplate_reaches_no_judge() -> None:
    """A master key such as ':' is decided before anybody is asked, and costs nothing."""
    scorer = jury(a=5)
    for text in (":", "Thought process:", "   "):
        found = await outcome(
            scorer, panel(judges=("a",)), replace(ASKED, response=Response(text=text))
        )
        absence = found.scores["judge"].absence
        assert absence is not None
        assert absence.reason is AbsenceReason.ABSTAINED
        assert found.cost_usd == 0.0


async def test_a_comparison_counts_only_if_both_orders_agree() -> None:
    """A judge that always prefers the first is inconsistent, and says nothing of the responses."""
    compared = replace(ASKED, comparison=Response(text="Lyon is the capital."))
    of = panel("preference", judges=("a",))
    first = (await outcome(jury(a=3), of, compared)).scores["judge"]
    assert first.absence is not None
    assert first.absence.reason is AbsenceReason.ABSTAINED
    honest = PanelScorer(
        {
            "a": Juror(
                "a",
                "m",
                PLAIN,
                Oracle(lambda c: 3 if c.material.index("Paris") < c.material.index("Lyon") else 1),
            )
        },
        NOTHING_KNOWN,
    )
    assert (await outcome(honest, of, compared)).scores["judge"].value == 1.0


CHEAP, STRONG = Panel("cheap", panel().rubric, ("a",)), Panel("strong", panel().rubric, ("b",))
FAILS = Condition(
    "cheap fails", (Clause(Subject.SCORE, Comparison.BELOW, 0.5, "cheap"),), Verdict.REJECT
)
PASSES = Condition(
    "strong passes", (Clause(Subject.SCORE, Comparison.AT_LEAST, 0.5, "strong"),), Verdict.ACCEPT
)
CASCADE = Plan(
    "p",
    (
        PlanRule(
            "r",
            ("response_length",),
            policy=Policy("p", (FAILS, PASSES), Verdict.REVIEW),
            panels=(CHEAP, STRONG),
        ),
    ),
)


@pytest.mark.parametrize(("grade", "asks_strong"), [(1, False), (5, True)])
async def test_a_cascade_stops_where_the_verdict_is_settled(grade: int, asks_strong: bool) -> None:
    """What the cheap judge has rejected the strong one is not asked about: `not_needed`."""
    of, clock = scorer(CASCADE), FakeClock()
    aside = Aside(of, clock, None, Askers(jury(a=grade, b=5)))
    found = await aside.measure(ASKED, of.allot(ASKED))
    scores = {score.metric: score for score in found.scores}
    assert list(scores) == [
        "response_length",
        "cheap",
        "cheap_posterior",
        "strong",
        "strong_posterior",
    ]
    absence = scores["strong"].absence
    assert (absence is None) == asks_strong
    if absence is not None:
        assert absence.reason is AbsenceReason.NOT_NEEDED
    decision = of.assemble(ASKED, "digest", tuple(found.scores)).decision
    assert decision is not None
    assert decision.verdict is (Verdict.ACCEPT if asks_strong else Verdict.REJECT)


async def test_without_judges_a_panel_is_not_configured() -> None:
    """A plan's panel keeps its place in the scores where nobody can be asked."""
    of = scorer(CASCADE)
    found = await Aside(of, FakeClock(), None, NOBODY).measure(ASKED, of.allot(ASKED))
    assert [s.absence.reason for s in found.scores[1:] if s.absence] == [
        AbsenceReason.NOT_CONFIGURED
    ] * 4


def test_panels_are_never_run_for_everybody() -> None:
    """`metrics: all` asks for what costs no money: paid metrics are named."""
    of = scorer(Plan("p", (PlanRule("all", None), PlanRule("x", (), panels=(CHEAP,)))))
    assert all(metric.spec.cost is not Cost.PAID for metric in of.allot(ASKED).metrics)


@pytest.mark.parametrize(
    ("by_logprobs", "top", "value", "estimator"),
    [
        (True, {"4": 0.5, "5": 0.5}, 0.875, "expectation_logprob"),
        (False, {"4": 0.5, "5": 0.5}, 0.75, "single_shot"),
        # Most of the probability was on no grade.
        (True, {"4": 0.3, "x": 0.7}, 0.75, "single_shot"),
    ],
    ids=["declared", "not_declared", "little_on_grades"],
)
async def test_an_expected_grade_is_taken_where_it_is_declared_and_said(
    by_logprobs: bool, top: dict[str, float], value: float, estimator: str
) -> None:
    """G-Eval's expectation over the grades' probabilities; else the grade, and which it was."""

    class Telling:
        """A judge that tells the probabilities of its grade."""

        async def ask(self, question: Question, time: ResultClock) -> Judged:
            told = reply({"rationale": "r", "cannot_tell": False, "grade": 4}, top)
            return Judged(replace(told, cost_usd=0.0))

    of = replace(panel(judges=("a",)), by_logprobs=by_logprobs)
    jury = PanelScorer({"a": Juror("a", "m", PLAIN, Telling())}, NOTHING_KNOWN)
    score = (await outcome(jury, of)).scores["judge"]
    assert score.value == pytest.approx(value)
    assert dict(score.provenance)["estimator"] == estimator
    assert (score.uncertainty is not None) == (estimator == "expectation_logprob")

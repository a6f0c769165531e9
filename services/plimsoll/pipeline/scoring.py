"""From one decoded result to its scored result: pure, and the same in every process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from plimsoll.calibration.basis import basis_of
from plimsoll.domain.absence import Absence
from plimsoll.domain.confidence import Confidence
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.identity import score_id
from plimsoll.domain.metric import Cost, Need
from plimsoll.domain.plan import Plan, PlanRule
from plimsoll.domain.quick import quick
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.domain.scored import Observation, ScoredResult
from plimsoll.judging.metrics import panel_metrics
from plimsoll.metrics.evaluate import absent, evaluate
from plimsoll.metrics.inputs import first_missing, has_code
from plimsoll.metrics.own_strengths import OwnStrengths
from plimsoll.pipeline.deciding import decide, settled
from plimsoll.pipeline.means import means_of
from plimsoll.pipeline.standing_claims import State, standing_claims
from plimsoll.ports.metric import Metric
from plimsoll.ports.tools import NO_TOOLS, Tools

_scored_result = quick(ScoredResult)

# Steps that one result may take on the event loop: about 10 ms, far below a heartbeat.
INLINE_STEPS = 100_000
# What these cost is the user's choice and not to be told from the result's size.
_USERS_CHOICE = frozenset({Need.JSON_SCHEMA, Need.REGEX})
# A metric that is done in fewer steps has not looked into what the user chose.
_LOOKED_INTO = 1_000
_OF_THE_DEPLOYMENT = frozenset({Need.EMBEDDING_MODEL, Need.ENTAILMENT_MODEL, Need.SANDBOX})


class Combines(Protocol):
    """Makes a confidence of scores, as `plimsoll.calibration.combine.Combination` does."""

    @property
    def calibration_id(self) -> str:
        """Names the fitted artefact."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The metrics that it reads."""

    def combine(self, scores: Sequence[Score], result: LlmResult, basis: str = "") -> Confidence:
        """The confidence; absences widen its interval, and `basis` names what it is made of."""


@dataclass(frozen=True, slots=True)
class Allotment:
    """What is to be measured for one result: `aside` in another process, the rest at once.

    `waiting` are those that could use alternatives, which the result has none of and the rule has
    drawn.
    """

    rule: PlanRule
    metrics: tuple[Metric, ...]
    aside: tuple[Metric, ...]
    waiting: tuple[Metric, ...] = ()


class ResultScorer:
    """A plan, its metrics and a combination; the same result always gives the same values.

    `tools` are the models and the sandbox that metrics have here; `own` are strengths that go
    before those that ship. The plan's version has to rest on them, as on all that scores hold.
    `claims` says how promises about claims stand now; without it they stand as they were learned.
    """

    def __init__(
        self,
        plan: Plan,
        metrics: Sequence[Metric],
        combination: Combines,
        tools: Tools = NO_TOOLS,
        own: OwnStrengths | None = None,
        *,
        claims: State | None = None,
    ) -> None:
        self.plan = plan
        self._claims = claims
        self._own = own
        # What runs a model or a program waits for it, however little it computes itself.
        self._never_inline = tools.configured
        self._lacking = _OF_THE_DEPLOYMENT - tools.configured
        self._combination = combination
        asked = dict.fromkeys(panel for rule in plan.rules for panel in rule.panels)
        self._by_name: Mapping[str, Metric] = {
            metric.spec.name: metric
            for metric in (*metrics, *(m for panel in asked for m in panel_metrics(panel)))
        }
        self._refuse_inputs_that_may_not_decide()
        self._of_rule = {rule: self._metrics_of(rule) for rule in plan.rules}
        # By rule, and whether a result has code: a sandbox changes nothing of any other.
        self._bases = {
            (rule, code): self._basis(rule, tools, code=code)
            for rule in plan.rules
            for code in (False, True)
        }
        # The rule depends on two fields with few values; plans may have many rules.
        self._rule_for = lru_cache(maxsize=4_096)(plan.rule_for)

    @property
    def bases(self) -> frozenset[str]:
        """Every basis that a point may have."""
        return frozenset(self._bases.values())

    def allot(self, result: LlmResult) -> Allotment:
        """Which metrics run for a result, and which of them not on the event loop."""
        rule = self._rule_for(result.key.tenant, result.task_kind)
        metrics = self._of_rule[rule]
        aside: list[Metric] = []
        waiting: list[Metric] = []
        steps = 0
        for metric in metrics:
            spec = metric.spec
            if first_missing(spec.needs, result) is not None:
                if rule.resampling is not None and self._waits(spec.needs, result):
                    waiting.append(metric)
                continue
            cost = metric.work(result)
            if self._goes_aside(spec.needs, cost) or steps + cost > INLINE_STEPS:
                aside.append(metric)
            else:
                steps += cost
        return Allotment(rule, metrics, tuple(aside), tuple(waiting))

    def _goes_aside(self, needs: tuple[Need, ...], cost: int) -> bool:
        chosen = cost >= _LOOKED_INTO and not _USERS_CHOICE.isdisjoint(needs)
        return chosen or not self._never_inline.isdisjoint(needs)

    def score(self, result: LlmResult, input_digest: str, revision: int = 0) -> ScoredResult:
        """Measures everything here and now, however long it takes."""
        metrics = self.allot(result).metrics
        scores = tuple(evaluate(metric, result) for metric in metrics)
        return self.assemble(result, input_digest, scores, revision=revision)

    def assemble(
        self,
        result: LlmResult,
        input_digest: str,
        scores: tuple[Score, ...],
        *,
        revision: int = 0,
        complete: bool = True,
        observation: Observation | None = None,
    ) -> ScoredResult:
        """The scored result of these scores, which stand in the order of the plan's metrics."""
        # Here, where each score of each path comes by.
        scores = scores if self._own is None else self._own.restated(scores, result)
        scores, kept_back = (
            (scores, "") if self._claims is None else standing_claims(scores, self._claims)
        )
        rule = self._rule_for(result.key.tenant, result.task_kind)
        confidence = self._combination.combine(scores, result, self._basis_of(rule, result))
        if not complete and confidence.promises:
            # What is promised, is of results that are scored to the end.
            confidence = replace(confidence, promises=())
        policy = rule.policy
        return _scored_result(
            key=result.key,
            score_id=score_id(
                result.key,
                input_digest,
                self.plan.version,
                # Without promises about claims that another scoring has, it is another score.
                f"{confidence.calibration_id}{kept_back}",
                revision,
            ),
            revision=revision,
            input_digest=input_digest,
            plan_version=self.plan.version,
            scores=scores,
            confidence=confidence,
            decision=None if policy is None else decide(policy, confidence, scores),
            conversation_id=result.conversation_id,
            turn=result.turn,
            subject_id=result.subject_id,
            create_time=result.create_time,
            task_kind=result.task_kind,
            language=result.language,
            gen_ai=result.gen_ai,
            complete=complete,
            observation=observation,
        )

    def settled(
        self, result: LlmResult, scores: tuple[Score, ...], outstanding: Sequence[str]
    ) -> bool:
        """Whether no outstanding metric can change the verdict; never where there is no policy."""
        rule = self._rule_for(result.key.tenant, result.task_kind)
        policy = rule.policy
        if policy is None:
            return False
        moves = not set(self._combination.inputs).isdisjoint(outstanding)
        confidence = self._combination.combine(scores, result, self._basis_of(rule, result))
        return settled(policy, confidence, scores, outstanding, moves)

    def evaluate(self, metric: str, result: LlmResult) -> Score:
        """The score of a metric, by name, measured here and now."""
        return evaluate(self._by_name[metric], result)

    def absent(self, metric: str, result: LlmResult, absence: Absence) -> Score:
        """The score of a metric, by name, that has no number."""
        return absent(self._by_name[metric], result, absence)

    def _waits(self, needs: tuple[Need, ...], result: LlmResult) -> bool:
        """Whether alternatives are all that a metric lacks, here and of this result."""
        if Need.ALTERNATIVES not in needs or not self._lacking.isdisjoint(needs):
            return False
        rest = tuple(need for need in needs if need is not Need.ALTERNATIVES)
        return first_missing(rest, result) is None

    def _refuse_inputs_that_may_not_decide(self) -> None:
        wrong = [
            name
            for name in self._combination.inputs
            if name in self._by_name and not self._by_name[name].spec.may_decide
        ]
        if wrong:
            raise ConfigurationError(
                f"calibration {self._combination.calibration_id} reads {', '.join(wrong)}, a "
                "baseline or one that sees reference answers; fit it again without"
            )

    def _basis_of(self, rule: PlanRule, result: LlmResult) -> str:
        return self._bases[rule, has_code(result)]

    def _basis(self, rule: PlanRule, tools: Tools, *, code: bool) -> str:
        inputs = frozenset(self._combination.inputs)
        read = [metric.spec for metric in self._of_rule[rule] if metric.spec.name in inputs]
        versions = ((spec.name, spec.version) for spec in read)
        users = [spec for spec in read if code or Need.CODE not in spec.needs]
        return basis_of(self._combination.calibration_id, versions, means_of(rule, users, tools))

    def _metrics_of(self, rule: PlanRule) -> tuple[Metric, ...]:
        judged = tuple(self._by_name[name] for panel in rule.panels for name in panel.metrics)
        if rule.metrics is None:
            free = (m for m in self._by_name.values() if m.spec.cost is not Cost.PAID)
            return (*free, *judged)
        unknown = [name for name in rule.metrics if name not in self._by_name]
        if unknown:
            raise ConfigurationError(
                f"rule {rule.name!r} of the scoring plan names {', '.join(unknown)}, which no "
                "metric is called; `plimsoll metrics` lists them"
            )
        return (*(self._by_name[name] for name in rule.metrics), *judged)

"""Composes the judges that the settings name, and whoever of a plan asks them."""

from __future__ import annotations

import random
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from plimsoll.adapters.bedrock.models import plain_id
from plimsoll.adapters.judges import NamedJudge, open_grounding, open_judges
from plimsoll.adapters.stores import judge_store
from plimsoll.calibration.judges.table import ReliabilityTable, learned, parse_table
from plimsoll.domain.canary import CANARY_TENANT
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.grounding import GUARDRAIL
from plimsoll.domain.metric import Need
from plimsoll.domain.plan import Plan
from plimsoll.judging.guardrail import GuardrailJudge
from plimsoll.judging.nonce import NoncedJudge
from plimsoll.metrics.registry import registered_metrics
from plimsoll.pipeline.askers import NOBODY, Askers
from plimsoll.pipeline.judge_budgets import DailyLimits, limit
from plimsoll.pipeline.judge_calls import JudgeCaller, Purse
from plimsoll.pipeline.judge_gate import JudgeGate
from plimsoll.pipeline.judging import CarefulJudge
from plimsoll.pipeline.jurors import Juror
from plimsoll.pipeline.panels import PanelScorer
from plimsoll.pipeline.resampling import Resampler, Sampler
from plimsoll.pipeline.starting import Start, at_once
from plimsoll.pipeline.traced_judge import TracedJudge
from plimsoll.ports.clock import Clock
from plimsoll.ports.judge_store import JudgeStore
from plimsoll.ports.quotas import Quota
from plimsoll.ports.telemetry import Telemetry
from plimsoll.ports.tracing import Tracing
from plimsoll.resilience.breaker import Breaker, BreakerRules
from plimsoll.resilience.concurrency import ConcurrencyLimit
from plimsoll.resilience.retry_share import RetryShare
from plimsoll.settings.judges import JudgeSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.patience import check_patience

_SECRET_BYTES = 32


def judge_models(settings: Settings) -> dict[str, str]:
    """Every judge that the settings name, with its model, in the order of names."""
    both = {**settings.bedrock.judges, **settings.openai.judges}
    return {name: both[name] for name in sorted(both)}


def reliability(settings: JudgeSettings) -> ReliabilityTable:
    """What labels have said of judges; nothing where no file is named."""
    if settings.reliability_file is None:
        return learned(())
    try:
        return parse_table(settings.reliability_file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"judges.reliability_file {settings.reliability_file} cannot be read: {error.strerror}"
        ) from error


def with_reliability(plan: Plan, table: ReliabilityTable) -> Plan:
    """The plan as its scores name it: what is known of judges decides numbers, too."""
    if not any(rule.panels for rule in plan.rules):
        return plan
    return plan.resting_on(table.reliability_id)


def asks_somebody(plan: Plan) -> bool:
    """Whether any rule has panels, draws alternatives, or names a metric of a guardrail."""
    return any(rule.panels or rule.resampling for rule in plan.rules) or _asks_guardrail(plan)


@asynccontextmanager
async def open_askers(
    settings: Settings,
    plan: Plan,
    clock: Clock,
    telemetry: Telemetry,
    tracing: Tracing | None = None,
    *,
    start: Start = at_once,
) -> AsyncIterator[Askers]:
    """Whom the plan has asked, as long as the block runs; nobody where it asks none.

    `start` says what becomes of a store of theirs that is away. ConfigurationError where judges
    cannot be reached as the settings say, or have too little time.
    """
    if not asks_somebody(plan):
        yield NOBODY
        return
    check_patience(plan, settings.judges)
    judges = open_judges(settings.bedrock, settings.openai, telemetry)
    guardrail = guardrail_of(settings, plan, telemetry)
    if tracing is not None:
        judges = {name: _traced(settings, judge, tracing) for name, judge in judges.items()}
        guardrail = None if guardrail is None else _traced(settings, guardrail, tracing)
    store = judge_store(settings.judges, clock)
    try:
        await start(store)
        opened = _Opened(settings, judges, store, clock, telemetry)
        yield Askers(
            panels=_panels(opened, plan),
            resampler=_resampler(opened, plan),
            guardrail=None if guardrail is None else opened.careful(guardrail),
        )
    finally:
        for judge in (*judges.values(), *([] if guardrail is None else [guardrail])):
            await judge.connection.close()
        await store.close()


def _traced(settings: Settings, judge: NamedJudge, tracing: Tracing) -> NamedJudge:
    # As OpenTelemetry's conventions call the two.
    provider = "openai" if judge.name in settings.openai.judges else "aws.bedrock"
    connection = TracedJudge(judge.name, provider, judge.connection, tracing)
    return replace(judge, connection=connection)


@dataclass(frozen=True, slots=True)
class _Opened:
    """What everybody who asks shares: each judge has one gate, whatever it is asked for."""

    settings: Settings
    judges: Mapping[str, NamedJudge]
    store: JudgeStore
    clock: Clock
    telemetry: Telemetry
    gates: dict[str, JudgeGate] = field(default_factory=dict)

    def careful(self, judge: NamedJudge) -> CarefulJudge:
        """A judge with its patience."""
        if judge.name not in self.gates:
            self.gates[judge.name] = _gate(
                self.settings, judge, self.store, self.clock, self.telemetry
            )
        return with_care(
            judge,
            self.settings,
            store=self.store,
            clock=self.clock,
            telemetry=self.telemetry,
            gate=self.gates[judge.name],
        )


def _panels(opened: _Opened, plan: Plan) -> PanelScorer | None:
    asked = {name for rule in plan.rules for panel in rule.panels for name in panel.judges}
    if not asked:
        return None
    mine = opened.settings.judges
    # Not kept between starts: a nonce is no part of what the memo knows.
    secret = mine.nonce_secret.get_secret_value().encode() or secrets.token_bytes(_SECRET_BYTES)
    jurors = {}
    for name in sorted(asked):
        judge = opened.judges[name]
        nonced = NoncedJudge(judge.connection, secret)
        careful = opened.careful(replace(judge, connection=nonced))
        jurors[name] = Juror(name, judge.model, nonced.traits(judge.model), careful)
    return PanelScorer(jurors, reliability(mine))


def _resampler(opened: _Opened, plan: Plan) -> Resampler | None:
    drawn = [rule.resampling.judge for rule in plan.rules if rule.resampling is not None]
    if not drawn:
        return None
    # Where a rule names nobody, any judge may have the model of a result.
    asked = opened.judges if "" in drawn else {name: opened.judges[name] for name in drawn}
    samplers = {
        name: Sampler(judge.model, judge.connection.traits(judge.model), opened.careful(judge))
        for name, judge in asked.items()
    }
    return Resampler(samplers, serving({name: judge.model for name, judge in asked.items()}))


def serving(models: Mapping[str, str]) -> Callable[[str], str | None]:
    """What names the first judge that has a model: as it is called, else without its geography."""
    last_first = sorted(models.items(), reverse=True)
    exact = {model: name for name, model in last_first}
    plain = {plain_id(model): name for name, model in last_first}
    return lambda model: exact.get(model) or plain.get(plain_id(model))


def _asks_guardrail(plan: Plan) -> bool:
    guarded = {m.spec.name for m in registered_metrics() if Need.GUARDRAIL in m.spec.needs}
    return any(not guarded.isdisjoint(rule.metrics or ()) for rule in plan.rules)


def guardrail_of(settings: Settings, plan: Plan, telemetry: Telemetry) -> NamedJudge | None:
    """The guardrail as a judge, where the settings name one and the plan a metric of it."""
    check = open_grounding(settings.bedrock, telemetry) if _asks_guardrail(plan) else None
    if check is None:
        return None
    if GUARDRAIL in judge_models(settings):
        raise ConfigurationError(
            f"a judge is called {GUARDRAIL}, and quotas know the guardrail by that name: rename it"
        )
    mine = settings.bedrock
    name = f"{mine.guardrail_id}/{mine.guardrail_version}"
    judge = GuardrailJudge(check, name, mine.guardrail_usd_per_1000_units)
    return NamedJudge(GUARDRAIL, GUARDRAIL, judge)


def with_care(
    judge: NamedJudge,
    settings: Settings,
    *,
    store: JudgeStore,
    clock: Clock,
    telemetry: Telemetry,
    gate: JudgeGate | None = None,
) -> CarefulJudge:
    """One judge with its patience; called on the loop that will ask it.

    `gate` is that of others who ask the same judge, where there are any.
    """
    mine = settings.judges
    caller = JudgeCaller(
        judge.name,
        judge.connection,
        gate=gate or _gate(settings, judge, store, clock, telemetry),
        purse=Purse(store, _limits(settings)),
        clock=clock,
        telemetry=telemetry,
        attempt_timeout_s=mine.attempt_timeout_s,
    )
    return CarefulJudge(
        _provider(settings, judge.name),
        caller,
        memo=store,
        retries=RetryShare(mine.retry_share, mine.retry_reserve),
        clock=clock,
        telemetry=telemetry,
        chance=random.SystemRandom().random,
    )


def _limits(settings: Settings) -> DailyLimits:
    """Those of tenants, and that of canaries, which are nobody's."""
    canaries = settings.canaries
    return DailyLimits(
        settings.judges.budget_tokens,
        settings.judges.budget_usd,
        apart={CANARY_TENANT: limit(canaries.budget_tokens, canaries.budget_usd)},
    )


def _gate(
    settings: Settings,
    judge: NamedJudge,
    store: JudgeStore,
    clock: Clock,
    telemetry: Telemetry,
) -> JudgeGate:
    mine = settings.judges
    on_openai = judge.name in settings.openai.judges
    permits = settings.openai.permits if on_openai else settings.bedrock.permits
    return JudgeGate(
        Quota(
            judge.name,
            mine.requests_per_minute.get(judge.name),
            mine.tokens_per_minute.get(judge.name),
            timedelta(seconds=mine.burst_s),
        ),
        store,
        breaker=Breaker(
            BreakerRules(
                window_s=mine.breaker_window_s,
                min_calls=mine.breaker_min_calls,
                share=mine.breaker_share,
                open_s=mine.breaker_open_s,
            )
        ),
        limit=ConcurrencyLimit(most=permits),
        clock=clock,
        telemetry=telemetry,
        chance=random.SystemRandom().random,
    )


def _provider(settings: Settings, name: str) -> str:
    """Tells apart models that bear one name in two places."""
    if name in settings.openai.judges:
        return f"openai/{settings.openai.endpoint_url}"
    mine = settings.bedrock
    place = f"bedrock/{mine.region}/{mine.endpoint_url}"
    if name == GUARDRAIL:
        return f"{place}/guardrail/{mine.guardrail_id}/{mine.guardrail_version}"
    return place

"""Composes the judges that the settings name, and the panels of a plan that ask them."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from plimsoll.adapters.judges import NamedJudge, open_judges
from plimsoll.adapters.sqlite.judge_store import SqliteJudgeStore
from plimsoll.calibration.judges.table import ReliabilityTable, learned, parse_table
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.plan import Plan
from plimsoll.judging.nonce import NoncedJudge
from plimsoll.pipeline.judge_budgets import DailyLimits
from plimsoll.pipeline.judge_calls import JudgeCaller, Purse
from plimsoll.pipeline.judge_gate import JudgeGate
from plimsoll.pipeline.judging import CarefulJudge
from plimsoll.pipeline.panels import Juror, PanelScorer
from plimsoll.ports.clock import Clock
from plimsoll.ports.quotas import Quota
from plimsoll.ports.telemetry import Telemetry
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
    said = f"{plan.version}/{table.reliability_id}"
    return replace(plan, version=hashlib.sha256(said.encode()).hexdigest()[: len(plan.version)])


@asynccontextmanager
async def open_panels(
    settings: Settings, plan: Plan, clock: Clock, telemetry: Telemetry
) -> AsyncIterator[PanelScorer | None]:
    """What asks the plan's panels, as long as the block runs; None where it has none.

    ConfigurationError where judges cannot be reached as the settings say, or have too little time.
    """
    asked = {name for rule in plan.rules for panel in rule.panels for name in panel.judges}
    if not asked:
        yield None
        return
    check_patience(plan, settings.judges)
    judges = open_judges(settings.bedrock, settings.openai, telemetry)
    store = SqliteJudgeStore(settings.judges, clock)
    await store.start()
    # Not kept between starts: a nonce is no part of what the memo knows.
    secret = settings.judges.nonce_secret.get_secret_value().encode() or secrets.token_bytes(
        _SECRET_BYTES
    )
    try:
        jurors = {}
        for name in sorted(asked):
            judge = judges[name]
            nonced = NoncedJudge(judge.connection, secret)
            careful = with_care(
                replace(judge, connection=nonced),
                settings,
                store=store,
                clock=clock,
                telemetry=telemetry,
            )
            jurors[name] = Juror(name, judge.model, nonced.traits(judge.model), careful)
        yield PanelScorer(jurors, reliability(settings.judges))
    finally:
        for judge in judges.values():
            await judge.connection.close()
        await store.close()


def with_care(
    judge: NamedJudge,
    settings: Settings,
    *,
    store: SqliteJudgeStore,
    clock: Clock,
    telemetry: Telemetry,
) -> CarefulJudge:
    """One judge with its patience; called on the loop that will ask it."""
    mine = settings.judges
    caller = JudgeCaller(
        judge.name,
        judge.connection,
        gate=_gate(settings, judge, store, clock, telemetry),
        purse=Purse(store, DailyLimits(mine.budget_tokens, mine.budget_usd)),
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


def _gate(
    settings: Settings,
    judge: NamedJudge,
    store: SqliteJudgeStore,
    clock: Clock,
    telemetry: Telemetry,
) -> JudgeGate:
    mine = settings.judges
    on_bedrock = judge.name in settings.bedrock.judges
    permits = settings.bedrock.permits if on_bedrock else settings.openai.permits
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
    if name in settings.bedrock.judges:
        return f"bedrock/{settings.bedrock.region}/{settings.bedrock.endpoint_url}"
    return f"openai/{settings.openai.endpoint_url}"

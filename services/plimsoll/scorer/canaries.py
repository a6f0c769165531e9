"""Composes the canaries of a scorer, beside the panels whose judges they watch."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from plimsoll.calibration.judges.canary_record import Tolerance
from plimsoll.domain.plan import Plan
from plimsoll.domain.rubric import Panel
from plimsoll.pipeline.askers import Askers
from plimsoll.pipeline.canaries import Canaries, CanaryRules
from plimsoll.pipeline.canary_asking import CanaryJudge, Stock, stock
from plimsoll.pipeline.judging import CarefulJudge
from plimsoll.pipeline.jurors import Juror
from plimsoll.pipeline.panels import PanelScorer
from plimsoll.pipeline.starting import Start, at_once
from plimsoll.ports.clock import Clock
from plimsoll.ports.telemetry import Telemetry
from plimsoll.ports.tracing import Tracing
from plimsoll.scorer.judges import open_askers
from plimsoll.settings.canaries import CanarySettings
from plimsoll.settings.canary_files import canary_books
from plimsoll.settings.model import Settings

_SEED_BYTES = 16


def stocks(settings: CanarySettings, plan: Plan) -> Mapping[str, Stock]:
    """What can be asked of each rubric of the plan; rubrics of which there is nothing are left out.

    ConfigurationError where a file of items cannot be used.
    """
    books = canary_books(settings.files)
    rubrics = {panel.rubric.name: panel.rubric for panel in panels_of(plan)}
    found = {name: stock(of, books[name]) for name, of in rubrics.items() if name in books}
    return {name: one for name, one in found.items() if one}


def tolerance(settings: CanarySettings) -> Tolerance:
    """What is put up with."""
    return Tolerance(settings.fooled_at_most, settings.right_at_least)


def panels_of(plan: Plan) -> tuple[Panel, ...]:
    """Every panel that some rule of a plan asks, once."""
    return tuple(dict.fromkeys(panel for rule in plan.rules for panel in rule.panels))


def canary_jurors(panels: PanelScorer) -> Mapping[str, Juror]:
    """The same judges past their memo, and at the canaries' own expense."""
    return {
        name: replace(juror, judge=CanaryJudge(juror.judge))
        for name, juror in panels.jurors.items()
        if isinstance(juror.judge, CarefulJudge)
    }


@asynccontextmanager
async def open_watched_askers(
    settings: Settings,
    plan: Plan,
    clock: Clock,
    telemetry: Telemetry,
    tracing: Tracing | None = None,
    *,
    start: Start = at_once,
) -> AsyncIterator[Askers]:
    """As `open_askers`; canaries follow what its judges are asked, where the settings say so."""
    mine = settings.canaries
    known = stocks(mine, plan) if mine.share else {}
    async with open_askers(settings, plan, clock, telemetry, tracing, start=start) as askers:
        if not known or askers.panels is None:
            yield askers
            return
        canaries = Canaries(
            known,
            canary_jurors(askers.panels),
            CanaryRules(
                share=mine.share,
                seed=mine.seed.get_secret_value() or secrets.token_hex(_SEED_BYTES),
                window=mine.window,
                tolerance=tolerance(mine),
                drain_s=settings.judges.attempt_timeout_s,
            ),
            clock=clock,
            telemetry=telemetry,
        )
        async with canaries.running():
            yield replace(askers, panels=askers.panels.followed_by(canaries.follow))

"""Whom the scoring of a result may ask: panels, models that draw alternatives, and a guardrail."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.pipeline.jurors import AsksJudge
from plimsoll.pipeline.panels import PanelScorer
from plimsoll.pipeline.resampling import Resampler


@dataclass(frozen=True, slots=True)
class Askers:
    """None where the plan or the settings have none."""

    panels: PanelScorer | None = None
    resampler: Resampler | None = None
    guardrail: AsksJudge | None = None


NOBODY = Askers()

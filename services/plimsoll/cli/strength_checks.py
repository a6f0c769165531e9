"""What `plimsoll doctor` says of one's own strengths: whether they are of what runs here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from plimsoll.cli.findings import Finding, Health, one_line
from plimsoll.cli.judging import plan_of_command
from plimsoll.domain.errors import PlimsollError
from plimsoll.domain.metric import Cost, MetricSpec
from plimsoll.judging.metrics import panel_metrics
from plimsoll.metrics.own_strengths import OwnStrengths, own_strengths
from plimsoll.metrics.registry import registered_metrics
from plimsoll.scorer.tools import ToolSettings, build_tools
from plimsoll.settings.model import Settings

_CHECK = "strengths"
_AGAIN = "measure again by `plimsoll strengths learn`, or name the model that was measured"
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class _Here:
    """What gives scores: metrics by name, panels' among them, and models beside them."""

    specs: Mapping[str, MetricSpec]
    models: frozenset[str]


def strength_findings(settings: Settings) -> list[Finding]:
    """Nothing where no file is named."""
    try:
        own = own_strengths(settings.strengths)
        return [] if own is None else [_finding(own, _here(settings))]
    except PlimsollError as error:
        return [Finding(_CHECK, Health.FAILED, one_line(error), "set or mend what is named")]


def _here(settings: Settings) -> _Here:
    plan, tools = plan_of_command(None, settings), build_tools(ToolSettings.of(settings))
    panels = dict.fromkeys(panel for rule in plan.rules for panel in rule.panels)
    metrics = [*registered_metrics(), *(one for panel in panels for one in panel_metrics(panel))]
    models = (tools.embedder, tools.entailment)
    return _Here(
        {metric.spec.name: metric.spec for metric in metrics},
        frozenset(model.name for model in models if model is not None),
    )


def _finding(own: OwnStrengths, here: _Here) -> Finding:
    found = {key: _why_not(key[0], key[1], key[4], here) for key in sorted(own.figures)}
    unused = {key: why for key, why in found.items() if why}
    made = "" if own.made_on is None else f", made on {own.made_on}"
    datasets = sorted({strength.dataset for strength in own.figures.values()})
    said = f"{own.name}{made}: {len(found)} figures of {_named(datasets)}"
    if not found:
        return Finding(_CHECK, Health.NOTE, f"{own.name} holds no figure", _AGAIN)
    if not unused:
        return Finding(_CHECK, Health.OK, said)
    named = _named(dict.fromkeys(f"{key[0]} {key[1]} ({why})" for key, why in unused.items()))
    health = Health.FAILED if len(unused) == len(found) else Health.NOTE
    return Finding(_CHECK, health, f"{said}; {len(unused)} stand for nothing here: {named}", _AGAIN)


def _why_not(metric: str, version: str, model: str, here: _Here) -> str:
    spec = here.specs.get(metric)
    if spec is None:
        return "no such metric"
    if spec.version != version:
        return f"here it is {spec.version}"
    if spec.cost is Cost.LOCAL_MODEL and model not in here.models:
        return f"by {model}, which is not configured" if model else "by no model"
    return ""


def _named(words: Iterable[str]) -> str:
    listed = list(words)
    more = f" and {len(listed) - _MOST_NAMED} more" if len(listed) > _MOST_NAMED else ""
    return ", ".join(listed[:_MOST_NAMED]) + more

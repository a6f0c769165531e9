"""The catalogue of metrics, for people and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from rich.console import Console
from rich.markup import escape

from plimsoll.cli.terminal import table
from plimsoll.domain.metric import MetricSpec
from plimsoll.domain.score import Strength
from plimsoll.metrics.own_strengths import OwnStrengths
from plimsoll.metrics.registry import registered_metrics
from plimsoll.metrics.strengths import strengths_of


class StrengthEntry(TypedDict):
    """How well a metric told right from wrong on labels of one task kind and language."""

    task_kind: str
    language: str
    auroc: float
    lower: float
    upper: float
    level: float
    labels: int
    dataset: str
    model: str


class MetricEntry(TypedDict):
    """One metric; `strength` is empty where nobody has measured it."""

    name: str
    version: str
    family: str
    summary: str
    needs: list[str]
    cost: str
    baseline: bool
    source: str
    strength: list[StrengthEntry]


def catalogue(own: OwnStrengths | None = None) -> list[MetricEntry]:
    """Every metric, in the order in which scores are reported, with the strengths that ship.

    Those of one's own are in the place of these, where there are any.
    """
    figures = None if own is None else own.figures
    return [
        _entry(metric.spec, strengths_of(metric.spec.name, metric.spec.version, figures))
        for metric in registered_metrics()
    ]


def print_catalogue(entries: Sequence[MetricEntry], console: Console) -> None:
    """A paragraph for each metric, which no terminal is too narrow for."""
    for entry in entries:
        console.print(f"[bold]{escape(entry['name'])}[/]  {entry['family']}, {entry['cost']}")
        rows = table("", "")
        rows.show_header = False
        rows.add_row("  what it says", escape(entry["summary"]))
        rows.add_row("  needs", "\n".join(entry["needs"]))
        strengths = "\n".join(escape(_words(one)) for one in entry["strength"])
        rows.add_row("  AUROC on labels", strengths or "unmeasured")
        console.print(rows)


def print_entry(entry: MetricEntry, console: Console) -> None:
    """All that is known of one metric; a figure has its interval and what it was measured on."""
    console.print(f"[bold]{escape(entry['name'])}[/]  version {entry['version']}")
    rows = table("", "")
    rows.show_header = False
    rows.add_row("  what it says", escape(entry["summary"]))
    rows.add_row("  family", entry["family"] + (", a baseline" if entry["baseline"] else ""))
    rows.add_row("  needs", "\n".join(entry["needs"]))
    rows.add_row("  cost", entry["cost"])
    rows.add_row("  definition", escape(entry["source"]))
    strengths = "\n".join(escape(_words_in_full(one)) for one in entry["strength"])
    rows.add_row("  AUROC on labels", strengths or "unmeasured")
    console.print(rows)


def _entry(spec: MetricSpec, strengths: Sequence[Strength]) -> MetricEntry:
    return {
        "name": spec.name,
        "version": spec.version,
        "family": spec.family.value,
        "summary": spec.summary,
        "needs": [need.value for need in spec.needs],
        "cost": spec.cost.value,
        "baseline": spec.baseline,
        "source": spec.source,
        "strength": [
            {
                "task_kind": one.task_kind.value,
                "language": one.language,
                "auroc": one.auroc,
                "lower": one.interval.lower,
                "upper": one.interval.upper,
                "level": one.interval.level,
                "labels": one.labels,
                "dataset": one.dataset,
                "model": one.model,
            }
            for one in strengths
        ],
    }


def _words_in_full(one: StrengthEntry) -> str:
    """The same with the level of the interval, and the labels behind it."""
    by = f", by {one['model']}" if one["model"] else ""
    return f"{_words(one)} at {one['level']:.0%}, {one['labels']} labels of {one['dataset']}{by}"


def _words(one: StrengthEntry) -> str:
    return (
        f"{one['auroc']:.2f} [{one['lower']:.2f}, {one['upper']:.2f}] {one['task_kind']} "
        f"{one['language']}"
    )

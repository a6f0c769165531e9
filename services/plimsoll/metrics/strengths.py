"""How well each metric told right from wrong, as measured on labelled data."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from plimsoll.domain.result import LlmResult, TaskKind
from plimsoll.domain.score import Interval, IntervalKind, Strength, Unmeasured

_Key = tuple[str, str, TaskKind, str, str]
# Facts of a provenance that name the model that a metric has used.
MODEL_FACTS = frozenset({"embedding_model", "entailment_model"})


def strength_of(
    metric: str, version: str, result: LlmResult, model: str = ""
) -> Strength | Unmeasured:
    """The figure of this metric for the result's task kind and language, or why there is none.

    A figure stands for its own language only; `en-GB` counts as `en`. It stands for its own model
    only, too: `model` is that which the metric used, as its provenance names it.
    """
    return _look_up(metric, version, result.task_kind, result.language[:32], model)


def strengths_of(metric: str, version: str) -> tuple[Strength, ...]:
    """Every figure of a metric, by task kind and language."""
    return tuple(
        strength for key, strength in sorted(_table().items()) if key[:2] == (metric, version)
    )


@cache
def _table() -> dict[_Key, Strength]:
    text = files("plimsoll.metrics").joinpath("strengths.json").read_text(encoding="utf-8")
    return read_strengths(text)


def read_strengths(text: str) -> dict[_Key, Strength]:
    """Figures as ConfBench writes them, by metric, version, task kind, language and model."""
    rows: list[dict[str, Any]] = json.loads(text)["strengths"]
    told = [(row["metric"], row["version"], _strength(row)) for row in rows]
    return {(name, version, s.task_kind, s.language, s.model): s for name, version, s in told}


def _strength(row: dict[str, Any]) -> Strength:
    return Strength(
        auroc=row["auroc"],
        interval=Interval(row["lower"], row["upper"], row["level"], IntervalKind.BOOTSTRAP),
        labels=row["labels"],
        dataset=row["dataset"],
        task_kind=TaskKind(row["task_kind"]),
        language=row["language"],
        model=row.get("model", ""),
    )


@lru_cache(maxsize=1_024)
def _look_up(
    metric: str, version: str, task_kind: TaskKind, language: str, model: str
) -> Strength | Unmeasured:
    primary = language.partition("-")[0].lower()
    found = _table().get((metric, version, task_kind, primary, model))
    return found if found is not None else _unmeasured(task_kind, primary, model)


def _unmeasured(task_kind: TaskKind, language: str, model: str) -> Unmeasured:
    if task_kind is TaskKind.UNSPECIFIED:
        return Unmeasured("the result does not say its task kind")
    if not language:
        return Unmeasured("the result does not say its language")
    by = f" by {model[:64]}" if model else ""
    return Unmeasured(f"not enough labelled data for {task_kind} in {language[:16]}{by}")

"""How well each metric told right from wrong, as measured on labelled data."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib.resources import files

from plimsoll.domain.result import LlmResult, TaskKind
from plimsoll.domain.score import Interval, IntervalKind, Strength, Unmeasured

_Key = tuple[str, str, TaskKind, str]


def strength_of(metric: str, version: str, result: LlmResult) -> Strength | Unmeasured:
    """The figure of this metric for the result's task kind and language, or why there is none.

    A figure stands for its own language only; `en-GB` counts as `en`.
    """
    return _look_up(metric, version, result.task_kind, result.language[:32])


def strengths_of(metric: str, version: str) -> tuple[Strength, ...]:
    """Every figure of a metric, by task kind and language."""
    return tuple(
        strength for key, strength in sorted(_table().items()) if key[:2] == (metric, version)
    )


@cache
def _table() -> dict[_Key, Strength]:
    text = files("plimsoll.metrics").joinpath("strengths.json").read_text(encoding="utf-8")
    return {
        (row["metric"], row["version"], TaskKind(row["task_kind"]), row["language"]): Strength(
            auroc=row["auroc"],
            interval=Interval(row["lower"], row["upper"], row["level"], IntervalKind.BOOTSTRAP),
            labels=row["labels"],
            dataset=row["dataset"],
            task_kind=TaskKind(row["task_kind"]),
            language=row["language"],
        )
        for row in json.loads(text)["strengths"]
    }


@lru_cache(maxsize=1_024)
def _look_up(
    metric: str, version: str, task_kind: TaskKind, language: str
) -> Strength | Unmeasured:
    primary = language.partition("-")[0].lower()
    found = _table().get((metric, version, task_kind, primary))
    return found if found is not None else _unmeasured(task_kind, primary)


def _unmeasured(task_kind: TaskKind, language: str) -> Unmeasured:
    if task_kind is TaskKind.UNSPECIFIED:
        return Unmeasured("the result does not say its task kind")
    if not language:
        return Unmeasured("the result does not say its language")
    return Unmeasured(f"no labelled data for {task_kind} in {language[:16]}")

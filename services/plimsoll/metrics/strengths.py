"""How well each metric told right from wrong, as measured on labelled data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from plimsoll.domain.result import LlmResult, TaskKind
from plimsoll.domain.score import Strength, Unmeasured
from plimsoll.metrics.strength_rows import MAX_LANGUAGE_CHARS, StrengthKey, parse_rows, primary

# Facts of a provenance that name the model that a metric has used.
MODEL_FACTS = frozenset({"embedding_model", "entailment_model"})


def strength_of(
    metric: str, version: str, result: LlmResult, model: str = ""
) -> Strength | Unmeasured:
    """The figure of this metric for the result's task kind and language, or why there is none.

    A figure stands for its own language only; `en-GB` counts as `en`. It stands for its own model
    only, too: `model` is that which the metric used, as its provenance names it.
    """
    return _look_up(metric, version, result.task_kind, result.language[:MAX_LANGUAGE_CHARS], model)


def strengths_of(
    metric: str, version: str, own: Mapping[StrengthKey, Strength] | None = None
) -> tuple[Strength, ...]:
    """Every figure of a metric, by task kind and language; one's own in place of one that ships."""
    table = {**_table(), **(own or {})}
    mine = [one for one in table.items() if one[0][:2] == (metric, version)]
    return tuple(strength for _, strength in sorted(mine, key=lambda one: one[0]))


@cache
def _table() -> dict[StrengthKey, Strength]:
    text = files("plimsoll.metrics").joinpath("strengths.json").read_text(encoding="utf-8")
    return parse_rows(json.loads(text))


@lru_cache(maxsize=1_024)
def _look_up(
    metric: str, version: str, task_kind: TaskKind, language: str, model: str
) -> Strength | Unmeasured:
    counted = primary(language)
    found = _table().get((metric, version, task_kind, counted, model))
    return found if found is not None else _unmeasured(task_kind, counted, model)


def _unmeasured(task_kind: TaskKind, language: str, model: str) -> Unmeasured:
    if task_kind is TaskKind.UNSPECIFIED:
        return Unmeasured("the result does not say its task kind")
    if not language:
        return Unmeasured("the result does not say its language")
    by = f" by {model[:64]}" if model else ""
    return Unmeasured(f"not enough labelled data for {task_kind} in {language[:16]}{by}")

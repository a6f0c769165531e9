"""Rows of measured strengths as files hold them: read with every field checked, and written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plimsoll.domain.result import TaskKind
from plimsoll.domain.score import Interval, IntervalKind, Strength

SCHEMA = 1
MAX_ROWS = 20_000
MAX_LANGUAGE_CHARS = 32
_MAX_CHARS = 200
# A panel's judges are named one after the other, on Bedrock by ARNs.
_MAX_MODEL_CHARS = 2_000
# What a double holds exactly; nobody has labelled more.
_MAX_LABELS = 2**53
_NUMBERS = ("auroc", "lower", "upper", "level")
_NEEDED = ("metric", "version", "task_kind", "language", *_NUMBERS, "labels", "dataset")
_KNOWN = frozenset({*_NEEDED, "model"})

# Metric, its version, task kind, primary language, and the model that the metric used.
StrengthKey = tuple[str, str, TaskKind, str, str]


def primary(language: str) -> str:
    """The language that a figure stands for: `en-GB` counts as `en`."""
    return language[:MAX_LANGUAGE_CHARS].lower()[:MAX_LANGUAGE_CHARS].partition("-")[0]


def parse_rows(document: object) -> dict[StrengthKey, Strength]:
    """Figures by what they are of; ValueError says which row holds what it may not."""
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise ValueError(f"it is no table of strengths of schema {SCHEMA}")
    rows = document.get("strengths")
    if not isinstance(rows, list) or len(rows) > MAX_ROWS:
        raise ValueError(f"strengths is no list of at most {MAX_ROWS} rows")
    found: dict[StrengthKey, Strength] = {}
    for number, row in enumerate(rows, start=1):
        try:
            key, strength = _parsed(row)
        except ValueError as error:
            raise ValueError(f"row {number}: {error}") from error
        if key in found:
            raise ValueError(f"row {number}: an earlier one says the same of {key[0]}")
        found[key] = strength
    return found


def row_of(metric: str, version: str, strength: Strength) -> dict[str, Any]:
    """One row, as `parse_rows` reads it."""
    return {
        "metric": metric,
        "version": version,
        "task_kind": strength.task_kind.value,
        "language": strength.language,
        **({"model": strength.model} if strength.model else {}),
        "auroc": strength.auroc,
        "lower": strength.interval.lower,
        "upper": strength.interval.upper,
        "level": strength.interval.level,
        "labels": strength.labels,
        "dataset": strength.dataset,
    }


def checked_text(value: object, name: str, most: int = _MAX_CHARS) -> str:
    """A short text in one line, which goes with every score; ValueError for any other."""
    if not isinstance(value, str) or not 0 < len(value) <= most or not value.isprintable():
        raise ValueError(f"{name} is no text of 1 to {most} printable characters")
    return value


def _parsed(row: object) -> tuple[StrengthKey, Strength]:
    if not isinstance(row, dict):
        raise ValueError("it is no object")
    wrong = sorted(_KNOWN.symmetric_difference(row) - {"model"})
    if wrong:
        raise ValueError(f"{wrong[0][:40]!r} is {'unknown' if wrong[0] in row else 'missing'}")
    strength = Strength(
        auroc=_share(row, "auroc"),
        interval=_interval(row),
        labels=_labels(row["labels"]),
        dataset=checked_text(row["dataset"], "dataset"),
        task_kind=_task_kind(row["task_kind"]),
        language=_language(row["language"]),
        model=checked_text(row["model"], "model", _MAX_MODEL_CHARS) if "model" in row else "",
    )
    metric, version = (checked_text(row[name], name) for name in ("metric", "version"))
    return (metric, version, strength.task_kind, strength.language, strength.model), strength


def _interval(row: Mapping[str, object]) -> Interval:
    auroc, lower, upper, level = (_share(row, name) for name in _NUMBERS)
    if not lower <= auroc <= upper:
        raise ValueError(f"auroc {auroc:g} is not between lower {lower:g} and upper {upper:g}")
    if not 0.0 < level < 1.0:
        raise ValueError(f"level {level:g} is not between 0 and 1")
    return Interval(lower, upper, level, IntervalKind.BOOTSTRAP)


def _share(row: Mapping[str, object], name: str) -> float:
    value = row[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"{name} is no number in [0, 1]")
    return float(value)


def _labels(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _MAX_LABELS:
        raise ValueError("labels is no count of at least 1")
    return value


def _task_kind(value: object) -> TaskKind:
    known = [kind.value for kind in TaskKind if kind is not TaskKind.UNSPECIFIED]
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"task_kind is none of {', '.join(known)}")
    return TaskKind(value)


def _language(value: object) -> str:
    language = checked_text(value, "language")
    if language != primary(language):
        raise ValueError(f"language {language[:40]!r} counts as {primary(language)!r}: write that")
    return language

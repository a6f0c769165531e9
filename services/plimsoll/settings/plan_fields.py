"""The fields of a scoring plan, each read with its line and its problems."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from plimsoll.domain.identity import tenant_problem
from plimsoll.domain.result import TaskKind
from plimsoll.settings.lined import Lined
from plimsoll.settings.near import near

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)")
_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
}
_LONGEST = timedelta(days=7)


class Problems:
    """All that is wrong with one file."""

    def __init__(self, path: Path) -> None:
        self._found: list[tuple[int, str]] = []
        self._path = path

    @property
    def count(self) -> int:
        """How many so far."""
        return len(self._found)

    @property
    def said(self) -> str:
        """A line each, in the order of the file."""
        return "\n".join(f"{self._path}:{line}: {what}" for line, what in sorted(self._found))

    def add(self, at: Lined, what: str) -> None:
        """One more, with its line."""
        self._found.append((at.line, what))

    def mapping(self, entry: Lined, what: str, known: Sequence[str]) -> dict[str, Lined]:
        """The entry's fields, those that nobody knows noted as problems."""
        if not isinstance(entry.value, dict):
            self.add(entry, f"{what} is a mapping of {', '.join(known)}")
            return {}
        for key, field in entry.value.items():
            if key not in known:
                self.add(field, f"{what} has no {key}: {near(key, known)}")
        return entry.value


def duration(problems: Problems, entry: Lined | None, what: str, default: timedelta) -> timedelta:
    """A time such as 500ms, 30s, 15m or 1h."""
    if entry is None:
        return default
    match = _DURATION.fullmatch(str(entry.value))
    found = float(match[1]) * _UNITS[match[2]] if match else timedelta(0)
    if not timedelta(0) < found <= _LONGEST:
        problems.add(
            entry, f"{what} {entry.value!r} is not a time up to 7 days, such as 500ms, 30s or 15m"
        )
        return default
    return found


def names(problems: Problems, entry: Lined, what: str) -> Iterator[Lined]:
    """The words of a list that is not empty."""
    if not isinstance(entry.value, list) or not entry.value:
        problems.add(entry, f"{what} is a list of words, such as [one, two]")
        return
    for word in entry.value:
        if isinstance(word.value, str):
            yield word
        else:
            problems.add(word, f"{what} holds words; {word.plain()!r} is none (quote it)")


def tenants(problems: Problems, entry: Lined | None) -> Iterator[str]:
    """Tenants; none where the field is left out, which matches every one."""
    if entry is None:
        return
    for word in names(problems, entry, "tenants"):
        problem = tenant_problem(str(word.value))
        if problem:
            problems.add(word, problem)
        yield str(word.value)


def task_kinds(problems: Problems, entry: Lined | None) -> Iterator[TaskKind]:
    """Kinds of task; none where the field is left out, which matches every one."""
    if entry is None:
        return
    known = [kind.value for kind in TaskKind]
    for word in names(problems, entry, "task_kinds"):
        if word.value in known:
            yield TaskKind(str(word.value))
        else:
            problems.add(
                word, f"there is no task kind {word.value}: {near(str(word.value), known)}"
            )


def number(
    problems: Problems, entry: Lined | None, what: str, span: tuple[float, float], default: float
) -> float:
    """A number within its bounds, both included."""
    if entry is None:
        return default
    low, high = span
    value = entry.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        problems.add(entry, f"{what} is a number from {low:g} to {high:g}")
        return default
    return value


def truth(problems: Problems, entry: Lined | None, what: str, *, default: bool) -> bool:
    """True or false, as YAML writes them."""
    if entry is None:
        return default
    if not isinstance(entry.value, bool):
        problems.add(entry, f"{what} is true or false")
        return default
    return entry.value

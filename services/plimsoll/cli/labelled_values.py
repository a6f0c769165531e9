"""Values of metrics on labelled results, by all that a strength is of."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from plimsoll.calibration.strengths import Figure, figure_of
from plimsoll.domain.result import TaskKind
from plimsoll.domain.score import Unmeasured
from plimsoll.domain.scored import ScoredResult
from plimsoll.metrics.own_strengths import model_of
from plimsoll.metrics.strength_rows import StrengthKey, primary


@dataclass(slots=True)
class _Column:
    """The values of one metric, and of which result each is: 16 bytes a value."""

    values: array[float] = field(default_factory=lambda: array("d"))
    rows: array[int] = field(default_factory=lambda: array("q"))


class LabelledValues:
    """Grows by one result after the other; `unnamed` have no task kind or no language."""

    def __init__(self) -> None:
        self._columns: dict[StrengthKey, _Column] = {}
        self._labels: list[int] = []
        self._groups: list[str] = []
        self.unnamed = 0

    @property
    def labels(self) -> int:
        """How many results have been taken, unnamed ones not counted."""
        return len(self._labels)

    def add(self, scored: ScoredResult, label: int, group: str) -> None:
        """One more result; nothing of it where no figure could stand for it."""
        language = primary(scored.language)
        named = language and language.isprintable()
        if scored.task_kind is TaskKind.UNSPECIFIED or not named:
            self.unnamed += 1
            return
        for score in scored.scores:
            if score.value is not None:
                model = model_of(score.provenance)
                key = (score.metric, score.version, scored.task_kind, language, model)
                column = self._columns.setdefault(key, _Column())
                column.values.append(score.value)
                column.rows.append(len(self._labels))
        self._labels.append(label)
        self._groups.append(group)

    def figures(self) -> Iterator[tuple[StrengthKey, Figure | Unmeasured]]:
        """What each metric is worth, or why nobody can say, in the order of keys."""
        labels = np.array(self._labels, dtype=float)
        for key in sorted(self._columns):
            column = self._columns[key]
            groups = [self._groups[row] for row in column.rows]
            yield key, figure_of(labels[np.array(column.rows)], np.array(column.values), groups)

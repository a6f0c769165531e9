"""What is known of judges, as it is kept: plain JSON, checked when it is read."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.judges.beta import Beta
from plimsoll.calibration.judges.correlation import PRIOR_CORRELATION, definite, pair_correlations
from plimsoll.calibration.judges.rates import NO_LABELS, Counts, counted
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.verdicts import JudgeKey, LabelledVerdict

SCHEMA = 1


@dataclass(frozen=True, slots=True, order=True)
class TaskKey:
    """Which results a prevalence is of."""

    language: str
    task_version: str


@dataclass(frozen=True, slots=True)
class Audited:
    """How many results of a task were right and wrong in a random audit of its stream."""

    right: float = 0.0
    wrong: float = 0.0


@dataclass(frozen=True, slots=True)
class ReliabilityTable:
    """Counts by judge, error correlations by pair (in order of keys), audits by task.

    Nothing is borrowed: a judge that is measured in one language is unmeasured in another.
    """

    judges: Mapping[JudgeKey, Counts]
    correlations: Mapping[tuple[JudgeKey, JudgeKey], float]
    audits: Mapping[TaskKey, Audited]

    @property
    def reliability_id(self) -> str:
        """A hash of what decides numbers."""
        canonical = json.dumps(self._model(), sort_keys=True, separators=(",", ":"))
        return f"judges-{hashlib.sha256(canonical.encode()).hexdigest()[:16]}"

    def counts_of(self, judge: JudgeKey) -> Counts:
        """What labels say of a judge; no labels where it was never measured."""
        return self.judges.get(judge, NO_LABELS)

    def correlations_of(self, judges: Sequence[JudgeKey]) -> NDArray[np.float64]:
        """Error correlations, shape (n, n); pairs that nobody compared get the prior's."""
        matrix = np.eye(len(judges))
        for row, first in enumerate(judges):
            for column in range(row + 1, len(judges)):
                pair = _pair(first, judges[column])
                matrix[row, column] = self.correlations.get(pair, PRIOR_CORRELATION)
                matrix[column, row] = matrix[row, column]
        return definite(matrix)

    def prevalence_of(self, task: TaskKey) -> Beta:
        """Posterior of the share of right results; Beta(1, 1) where nobody has audited."""
        audited = self.audits.get(task, Audited())
        return Beta().after(audited.right, audited.wrong)

    def text(self) -> str:
        """The table as JSON, the same for equal tables."""
        return json.dumps({"schema": SCHEMA, "model": self._model()}, indent=2, sort_keys=True)

    def _model(self) -> dict[str, Any]:
        places = {judge: place for place, judge in enumerate(sorted(self.judges))}
        return {
            "judges": [
                {**asdict(judge), **_numbers(self.judges[judge])} for judge in sorted(self.judges)
            ],
            "correlations": [
                [places[first], places[second], self.correlations[first, second]]
                for first, second in sorted(self.correlations)
            ],
            "audits": [
                {**asdict(task), **_numbers(self.audits[task])} for task in sorted(self.audits)
            ],
        }


_Counted = TypeVar("_Counted", Counts, Audited)


def _numbers(counted: Counts | Audited) -> dict[str, float]:
    """As floats, because 7 and 7.0 are one count and two texts."""
    return {name: float(value) for name, value in asdict(counted).items()}


def learned(
    verdicts: Iterable[LabelledVerdict], audits: Mapping[TaskKey, Audited] | None = None
) -> ReliabilityTable:
    """A table from labelled verdicts; the order in which they come does not matter."""
    given = tuple(verdicts)
    counts = counted(given)
    return ReliabilityTable(counts, pair_correlations(given, sorted(counts)), dict(audits or {}))


def parse_table(text: str) -> ReliabilityTable:
    """Reads a table; ConfigurationError says what is wrong with it."""
    try:
        return _table(json.loads(text))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ConfigurationError(
            f"the judges' reliability cannot be read ({type(error).__name__}: {error}); "
            "learn it again from labelled verdicts"
        ) from error


def _table(document: Mapping[str, Any]) -> ReliabilityTable:
    if document["schema"] != SCHEMA:
        raise ValueError(f"schema {document['schema']}, {SCHEMA} expected")
    model = document["model"]
    rows = [(_key(item), _counts(item, Counts)) for item in model["judges"]]
    keys = [key for key, _ in rows]
    if len(set(keys)) < len(keys):
        raise ValueError("a judge is listed twice")
    return ReliabilityTable(
        judges=dict(rows),
        correlations=dict(_correlation(item, keys) for item in model["correlations"]),
        audits={
            TaskKey(str(item["language"]), str(item["task_version"])): _counts(item, Audited)
            for item in model["audits"]
        },
    )


def _key(item: Mapping[str, Any]) -> JudgeKey:
    return JudgeKey(**{field.name: str(item[field.name]) for field in fields(JudgeKey)})


def _counts(item: Mapping[str, Any], kind: type[_Counted]) -> _Counted:
    values = {field.name: float(item[field.name]) for field in fields(kind)}
    for name, value in values.items():
        if not math.isfinite(value) or value < 0.0:
            raise ValueError(f"{name} is {value}, not a count")
    return kind(**values)


def _correlation(
    item: Sequence[Any], keys: Sequence[JudgeKey]
) -> tuple[tuple[JudgeKey, JudgeKey], float]:
    first, second, value = int(item[0]), int(item[1]), float(item[2])
    if not -1.0 <= value <= 1.0 or first == second or min(first, second) < 0:
        raise ValueError(f"{item} is not a correlation of two judges")
    return _pair(keys[first], keys[second]), value


def _pair(first: JudgeKey, second: JudgeKey) -> tuple[JudgeKey, JudgeKey]:
    return (first, second) if first <= second else (second, first)

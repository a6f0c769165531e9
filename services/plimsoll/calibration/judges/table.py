"""What is known of judges, as it is kept: plain JSON, checked when it is read."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.judges.alike import Alike
from plimsoll.calibration.judges.beta import Beta
from plimsoll.calibration.judges.correlation import PRIOR_CORRELATION, definite, pair_correlations
from plimsoll.calibration.judges.rates import NO_LABELS, Audited, Counts, Pattern, counted, patterns
from plimsoll.calibration.made_on import MADE_ON, made_on
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.verdicts import JudgeKey, LabelledVerdict

SCHEMA = 1


@dataclass(frozen=True, slots=True, order=True)
class TaskKey:
    """Which results a prevalence is of."""

    language: str
    task_version: str


@dataclass(frozen=True, slots=True)
class ReliabilityTable:
    """Counts by judge, error correlations by pair (in order of keys), votes, audits by task.

    `votes` say of each pattern of votes that labelled items got how many were right and wrong.

    Nothing is borrowed: a judge that is measured in one language is unmeasured in another.
    """

    judges: Mapping[JudgeKey, Counts]
    correlations: Mapping[tuple[JudgeKey, JudgeKey], float]
    votes: Mapping[Pattern, Audited]
    audits: Mapping[TaskKey, Audited]
    made_on: date | None = field(default=None, compare=False)
    reliability_id: str = field(init=False, default="")

    def __post_init__(self) -> None:
        """Its ID is a hash of what decides numbers."""
        canonical = json.dumps(self._model(), sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(canonical.encode()).hexdigest()[:16]
        object.__setattr__(self, "reliability_id", f"judges-{digest}")

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

    def alike(self, votes: Mapping[JudgeKey, bool]) -> Alike:
        """Labelled items that all these judges have judged, and those that got the same votes."""
        counts = Alike()
        for pattern, labels in self.votes.items():
            theirs = dict(pattern)
            if not votes.keys() <= theirs.keys():
                continue
            same = all(theirs[judge] is passed for judge, passed in votes.items())
            counts = Alike(
                counts.right + same * labels.right,
                counts.right_of + labels.right,
                counts.wrong + same * labels.wrong,
                counts.wrong_of + labels.wrong,
            )
        return counts

    def prevalence_of(self, task: TaskKey) -> Beta:
        """Posterior of the share of right results; Beta(1, 1) where nobody has audited."""
        audited = self.audits.get(task, Audited())
        return Beta().after(audited.right, audited.wrong)

    def text(self) -> str:
        """The table as JSON, the same for equal tables."""
        made = {} if self.made_on is None else {MADE_ON: self.made_on.isoformat()}
        document = {"schema": SCHEMA, **made, "model": self._model()}
        return json.dumps(document, indent=2, sort_keys=True)

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
            "votes": [
                [
                    [[places[judge], int(passed)] for judge, passed in pattern],
                    float(self.votes[pattern].right),
                    float(self.votes[pattern].wrong),
                ]
                for pattern in sorted(self.votes)
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
    correlations = pair_correlations(given, sorted(counts))
    return ReliabilityTable(counts, correlations, patterns(given), dict(audits or {}))


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
        votes=dict(_votes(item, keys) for item in model["votes"]),
        audits={
            TaskKey(str(item["language"]), str(item["task_version"])): _counts(item, Audited)
            for item in model["audits"]
        },
        made_on=made_on(document),
    )


def _key(item: Mapping[str, Any]) -> JudgeKey:
    return JudgeKey(**{each.name: str(item[each.name]) for each in fields(JudgeKey)})


def _counts(item: Mapping[str, Any], kind: type[_Counted]) -> _Counted:
    values = {each.name: float(item[each.name]) for each in fields(kind)}
    for name, value in values.items():
        if not math.isfinite(value) or value < 0.0:
            raise ValueError(f"{name} is {value}, not a count")
    return kind(**values)


def _correlation(
    item: Sequence[Any], keys: Sequence[JudgeKey]
) -> tuple[tuple[JudgeKey, JudgeKey], float]:
    first, second, value = _place(item[0]), _place(item[1]), float(item[2])
    if not -1.0 <= value <= 1.0 or first == second:
        raise ValueError(f"{item} is not a correlation of two judges")
    return _pair(keys[first], keys[second]), value


def _votes(item: Sequence[Any], keys: Sequence[JudgeKey]) -> tuple[Pattern, Audited]:
    votes, right, wrong = item
    pattern = tuple(sorted((keys[_place(place)], bool(passed)) for place, passed in votes))
    return pattern, _counts({"right": right, "wrong": wrong}, Audited)


def _place(value: int) -> int:
    place = int(value)
    if place < 0:
        raise ValueError(f"{place} is not the place of a judge")
    return place


def _pair(first: JudgeKey, second: JudgeKey) -> tuple[JudgeKey, JudgeKey]:
    return (first, second) if first <= second else (second, first)

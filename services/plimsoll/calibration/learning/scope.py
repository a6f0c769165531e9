"""Everything that is learned for one scope, label by label."""

from __future__ import annotations

import heapq
from datetime import datetime

from plimsoll.calibration.learning.calibrating import CalibrationLearning
from plimsoll.calibration.learning.labels import LabelledResult
from plimsoll.calibration.learning.places import Epoch, LabelPlace, Tally
from plimsoll.calibration.learning.promising import PromiseLearning
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.learned import LearnedScope, ScopeKey
from plimsoll.domain.learning import LearningState, PromiseProgress

# Beyond them the oldest are forgotten.
MOST_RESULTS = 20_000


class ScopeLearning:
    """The results with audit labels of one scope, and what follows from them.

    `recall` and `learn` are told each result whose labels have changed, with what it counted as
    before: after a restart first those that were learned of, then those that come.
    """

    def __init__(
        self, key: ScopeKey, rules: LearningRules, learned: LearnedScope | None = None
    ) -> None:
        state = LearningState() if learned is None else learned.state
        self._key = key
        self._cursor = dict(state.cursor)
        self._time: datetime | None = None if learned is None else learned.update_time
        self._results: dict[ResultKey, LabelledResult] = {}
        self._by_age: list[tuple[LabelPlace, str, ResultKey]] = []
        self._all = Epoch({})
        self._calibration = CalibrationLearning(
            key,
            state.calibration,
            None if learned is None else learned.calibration,
            None if learned is None else learned.withdrawn,
        )
        begun = {progress.error_rate: progress for progress in state.promises}
        made = () if learned is None else learned.certificates
        self._promises = [
            PromiseLearning(
                key,
                rules,
                begun.get(rate, PromiseProgress(rate)),
                [one for one in made if one.error_rate == rate],
            )
            for rate in sorted({*rules.error_rates, *begun})
        ]

    def knows(self, place: LabelPlace) -> bool:
        """Whether that label was learned of before a restart."""
        return place.offset < self._cursor.get(place.partition, 0)

    def recall(self, result: LabelledResult, before: Tally) -> ResultKey | None:
        """Takes in again what was learned of; the result that is forgotten for it, or None."""
        self._count(result, before)
        return self._forgotten()

    def learn(self, result: LabelledResult, before: Tally, place: LabelPlace) -> ResultKey | None:
        """Learns of a change by the label at that place; the result that is forgotten for it."""
        earlier = dict(self._cursor)
        self._cursor[place.partition] = place.offset + 1
        self._time = place.time
        if result.place != place:
            # A result counts where it was first labelled: watches have seen it already.
            self._count(result, before)
            return None
        for promise in self._promises:
            promise.lapse(place.time, earlier)
        self._count(result, before)
        forgotten = self._forgotten()
        changed = self._calibration.watch(result, self._cursor)
        for promise in self._promises:
            promise.watch(result, self._cursor)
            if changed:
                promise.forget(self._cursor)
            promise.attempt(self._results.values(), place.time)
        self._calibration.fit_if_due(self._results.values(), result)
        return forgotten

    def value(self) -> LearnedScope:
        """What was learned, to be published; ValueError where no label was."""
        if self._time is None:
            raise ValueError(f"nothing was learned of {self._key}")
        return LearnedScope(
            key=self._key,
            labels=self._all.labels,
            right=self._all.right,
            calibration=self._calibration.fitted,
            certificates=tuple(c for promise in self._promises for c in promise.certificates),
            state=LearningState(
                cursor=dict(sorted(self._cursor.items())),
                calibration=self._calibration.progress,
                promises=tuple(promise.progress for promise in self._promises),
            ),
            update_time=self._time,
            withdrawn=self._calibration.withdrawn,
        )

    def _count(self, result: LabelledResult, before: Tally) -> None:
        if result.key not in self._results:
            self._results[result.key] = result
            heapq.heappush(self._by_age, (result.place, str(result.key), result.key))
        self._move(result, before, result.tally)

    def _forgotten(self) -> ResultKey | None:
        if len(self._results) <= MOST_RESULTS:
            return None
        _, _, key = heapq.heappop(self._by_age)
        oldest = self._results.pop(key)
        self._move(oldest, oldest.tally, Tally())
        return key

    def _move(self, result: LabelledResult, before: Tally, after: Tally) -> None:
        for epoch in (
            self._all,
            self._calibration.epoch,
            *(promise.epoch for promise in self._promises),
        ):
            epoch.move(result.place, before, after)

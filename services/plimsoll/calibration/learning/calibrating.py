"""The calibration of a scope: when it is fitted, again, and when it is withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from plimsoll.calibration.combine import sigmoid
from plimsoll.calibration.learning.drift import after_label, alarmed, withdrawal
from plimsoll.calibration.learning.fitting import MIN_LABELS, MIN_OF_RARER, MOST_LABELS, fit
from plimsoll.calibration.learning.labels import LabelledResult
from plimsoll.calibration.learning.logits import logit_of_point
from plimsoll.calibration.learning.places import Epoch
from plimsoll.domain.learned import LearnedCalibration, ScopeKey, Withdrawal
from plimsoll.domain.learning import NO_BETS, CalibrationProgress

# Fitted again each time that labels have grown by a fifth.
_PARTS = 5


class CalibrationLearning:
    """Fitted at 50 labelled results, 10 of the rarer kind, and again at 60, 72, and so on.

    An alarm withdraws it: what it was fitted on says nothing of the stream that comes.
    """

    def __init__(
        self,
        scope: ScopeKey,
        progress: CalibrationProgress,
        fitted: LearnedCalibration | None = None,
        withdrawn: Withdrawal | None = None,
    ) -> None:
        self._scope = scope
        self._since = progress.labels_since_fit
        self._watched = progress.labels_watched
        self._bets = progress.bets
        self.fitted = fitted
        # The one that was withdrawn last.
        self.withdrawn = withdrawn
        self.epoch = Epoch(progress.epoch)

    @property
    def progress(self) -> CalibrationProgress:
        """What the next label continues from."""
        counted, watched = self.epoch, (self._since, self._watched, self._bets)
        return CalibrationProgress(dict(counted.start), *watched, counted.labels, counted.right)

    def watch(self, result: LabelledResult, cursor: Mapping[int, int]) -> bool:
        """Holds a newly labelled result against the calibration; whether the stream has changed.

        `cursor` is after its label.
        """
        self._since += 1
        if self.fitted is None:
            return False
        x = logit_of_point(result.point)
        said = sigmoid(self.fitted.intercept + self.fitted.slope * x)
        self._bets = after_label(self._bets, self._watched, said, right=bool(result.right))
        self._watched += 1
        changed = alarmed(self._bets)
        if changed:
            self.withdrawn = withdrawal(self.fitted, self._bets, self._watched, result.place.time)
            self.fitted, self._bets = None, NO_BETS
            self._since = self._watched = 0
            self.epoch = Epoch(cursor)
        return changed

    def fit_if_due(self, results: Iterable[LabelledResult], newest: LabelledResult) -> None:
        """Fits where labels are many enough, the latest 5,000 of the epoch."""
        if self.fitted is not None and _PARTS * self._since < self.fitted.labels:
            return
        rarer = min(self.epoch.right, self.epoch.labels - self.epoch.right)
        if self.epoch.labels < MIN_LABELS or rarer < MIN_OF_RARER:
            return
        standing = [r for r in results if r.right is not None and self.epoch.covers(r.place)]
        standing.sort(key=lambda result: result.place)
        labelled = [(logit_of_point(r.point), bool(r.right)) for r in standing[-MOST_LABELS:]]
        self.fitted = fit(self._scope, labelled, newest.place.time)
        self._since = 0

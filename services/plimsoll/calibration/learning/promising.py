"""One promise of a scope: when it is made, how it is watched, and when it is taken back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from plimsoll.calibration.learning.labels import LabelledResult
from plimsoll.calibration.learning.places import Epoch
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.calibration.learning.watching import alarmed, watched
from plimsoll.calibration.selective import MIN_ACCEPTED, Certified, certified_threshold
from plimsoll.domain.learned import CERTIFICATE_PREFIX, Certificate, CertificateState, ScopeKey
from plimsoll.domain.learning import PromiseProgress, PromiseWatch

FIRST_ATTEMPT = 50
_BEGINS_TWICE = 4
# Of those that no longer stand; a look-up that names an older one cannot be told how it stands.
_MOST_KEPT = 32


def attempt_level(attempt: int, failure: float) -> float:
    """What attempt 1, 2, ... may fail with: failure / (k (k + 1)), which sums to `failure`."""
    return failure / (attempt * (attempt + 1))


def laxest_certified(
    labels: Sequence[int], points: Sequence[float], error_rate: float, level: float, attempt: int
) -> Certified | None:
    """The laxest threshold that an attempt certifies; `labels` are 1 (right) or 0 (wrong).

    From the fourth on, half of the level begins among the surest results, and half among the surer
    half of all: where points tell little, the surest few fail by chance what so many bear out.
    """
    if attempt < _BEGINS_TWICE:
        tried = [certified_threshold(labels, points, error_rate, level)]
    else:
        tried = [
            certified_threshold(labels, points, error_rate, level / 2, fewest=fewest)
            for fewest in (MIN_ACCEPTED, (len(labels) + 1) // 2)
        ]
    found = [one for one in tried if isinstance(one, Certified)]
    return min(found, key=lambda one: one.threshold, default=None)


class PromiseLearning:
    """The promise that at most `error_rate` is wrong above some unlearned point.

    It is tried at 50, 100, 200, ... labelled results of its epoch; the level of each attempt is its
    share of what the promise may fail with. So, while labels are of results drawn at random from an
    unchanging stream, all certificates of an epoch are true with probability 1 - failure. A later
    attempt may replace a certificate by a laxer one, under the same watch. An alarm takes back all
    that stand and begins a new epoch. So does a certificate that runs out unwatched. A stream that
    has changed begins one, too, and what stands is watched on.
    """

    def __init__(
        self,
        scope: ScopeKey,
        rules: LearningRules,
        progress: PromiseProgress,
        certificates: Iterable[Certificate] = (),
    ) -> None:
        self._scope = scope
        self._rules = rules
        self._rate = progress.error_rate
        self._attempts = progress.attempts
        self.certificates = list(certificates)
        self._watch = progress.watch if self.certificates else None
        self.epoch = Epoch(progress.epoch)

    @property
    def progress(self) -> PromiseProgress:
        """What the next label continues from."""
        return PromiseProgress(
            self._rate, dict(self.epoch.start), self._attempts, self._watch, self.epoch.labels
        )

    def lapse(self, now: datetime, cursor: Mapping[int, int]) -> None:
        """Begins anew where the certificate has run out; `cursor` is before the next label."""
        if self._watch is not None and now >= self.certificates[-1].valid_until:
            self._begin_anew(cursor)

    def watch(self, result: LabelledResult, cursor: Mapping[int, int]) -> None:
        """Holds a newly labelled result against the promise; `cursor` is after its label."""
        if self._watch is None or result.point < self.certificates[-1].threshold:
            return
        self._watch = watched(self._watch, self.certificates[-1], wrong=not result.right)
        if alarmed(self._watch, self.certificates[-1]):
            self._revoke(result.place.time, self._watch)
            self._begin_anew(cursor)
            return
        until = result.place.time + self._rules.good_for
        last = self.certificates[-1]
        self.certificates[-1] = replace(last, valid_until=max(last.valid_until, until))

    def forget(self, cursor: Mapping[int, int]) -> None:
        """Counts later labels only: the stream has changed, for better or worse.

        Or earlier ones would be counted for a laxer promise, or against each for as many labels
        more. What is promised stands, and is watched on.
        """
        self.epoch = Epoch(cursor)
        self._attempts = 0

    def attempt(self, results: Iterable[LabelledResult], now: datetime) -> None:
        """Tries to promise, or to promise more, where enough labels have come since last time."""
        due = FIRST_ATTEMPT * 2**self._attempts
        if self._rate not in self._rules.error_rates or self.epoch.labels < due:
            return
        self._attempts += 1
        level = attempt_level(self._attempts, self._rules.failure)
        counted = [r for r in results if r.right is not None and self.epoch.covers(r.place)]
        labels, points = [int(bool(r.right)) for r in counted], [r.point for r in counted]
        found = laxest_certified(labels, points, self._rate, level, self._attempts)
        if found is None:
            return
        if self._watch is None or found.threshold < self.certificates[-1].threshold:
            self._issue(found, counted, now)

    def _issue(self, found: Certified, counted: Sequence[LabelledResult], now: datetime) -> None:
        last = max(r.place.time for r in counted if r.point >= found.threshold)
        if last + self._rules.good_for <= now:
            return
        self.certificates.append(
            Certificate(
                certificate_id=self._name(found, now),
                error_rate=self._rate,
                failure=self._rules.failure,
                threshold=found.threshold,
                labels=found.accepted,
                errors=found.wrong,
                bound=found.bound,
                coverage=found.accepted / len(counted),
                issue_time=now,
                valid_until=last + self._rules.good_for,
            )
        )
        self._watch = self._watch or PromiseWatch()
        del self.certificates[:-_MOST_KEPT]

    def _name(self, found: Certified, now: datetime) -> str:
        told = json.dumps(
            [
                str(self._scope),
                self._rate,
                self._rules.failure,
                found.threshold,
                found.accepted,
                found.wrong,
                sorted(self.epoch.start.items()),
                now.isoformat(),
            ]
        )
        return f"{CERTIFICATE_PREFIX}{hashlib.sha256(told.encode()).hexdigest()[:16]}"

    def _revoke(self, now: datetime, watch: PromiseWatch) -> None:
        why = f"{watch.wrong} of {watch.seen} covered results labelled since were wrong"
        self.certificates = [
            replace(certificate, revoke_time=now, revoke_reason=why)
            if certificate.state(now) is CertificateState.STANDING
            else certificate
            for certificate in self.certificates
        ]

    def _begin_anew(self, cursor: Mapping[int, int]) -> None:
        self.forget(cursor)
        self._watch = None

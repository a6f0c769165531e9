"""What a gate answers, what decided it, and how often each did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from plimsoll.domain.confidence import Confidence, Estimate, Verdict
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.scored import ScoredResult


class DecidedBy(StrEnum):
    """What a gate's verdict rests on; the last six all mean the caller's `on_missing`."""

    SCORE = "score"
    POLICY = "policy"
    ABSENCE = "absence"
    WITHDRAWN = "withdrawn"
    CONFLICT = "conflict"
    DEAD_LETTER = "dead_letter"
    TIME_OUT = "time_out"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """A verdict and what decided it.

    `scored` is the visible score where there was one in time; `detail` says why where there was
    none; `elapsed` is on the monotonic clock, from the call to the answer.
    """

    key: ResultKey
    verdict: Verdict
    decided_by: DecidedBy
    elapsed: timedelta
    scored: ScoredResult | None = None
    detail: str = ""

    @property
    def confidence(self) -> Confidence | None:
        """The score's confidence, or None where no score came in time."""
        return None if self.scored is None else self.scored.confidence


@dataclass(frozen=True, slots=True)
class GateRule:
    """How a caller turns a confidence into a verdict where the event brings no policy's.

    Bounds are in [0, 1]. Accept where the interval's lower bound is at least
    `accept_lower_bound`; reject where its upper bound is below `reject_upper_bound` (0 never
    rejects); review between them. Whatever leaves no confidence gives `on_missing`.
    """

    deadline: timedelta
    on_missing: Verdict = Verdict.REVIEW
    accept_lower_bound: float = 0.7
    reject_upper_bound: float = 0.0

    def __post_init__(self) -> None:
        if self.deadline <= timedelta(0):
            raise ValueError(f"deadline is {self.deadline}; a gate needs some time to answer")
        if self.on_missing is Verdict.UNSPECIFIED:
            raise ValueError("on_missing is 'unspecified'; take 'accept', 'review' or 'reject'")
        if not 0.0 <= self.reject_upper_bound <= self.accept_lower_bound <= 1.0:
            raise ValueError(
                f"0 <= reject_upper_bound ({self.reject_upper_bound}) <= accept_lower_bound "
                f"({self.accept_lower_bound}) <= 1 does not hold"
            )

    def decide(self, scored: ScoredResult) -> tuple[Verdict, DecidedBy]:
        """A policy's verdict where the event brings one, else the caller's bounds."""
        if scored.decision is not None and scored.decision.verdict is not Verdict.UNSPECIFIED:
            return scored.decision.verdict, DecidedBy.POLICY
        estimate = scored.confidence.estimate
        if estimate is None:
            return self.on_missing, DecidedBy.ABSENCE
        return self._by_bounds(estimate), DecidedBy.SCORE

    def _by_bounds(self, estimate: Estimate) -> Verdict:
        if estimate.interval.lower >= self.accept_lower_bound:
            return Verdict.ACCEPT
        if estimate.interval.upper < self.reject_upper_bound:
            return Verdict.REJECT
        return Verdict.REVIEW


@dataclass(frozen=True, slots=True)
class GateStats:
    """How many answers each cause has decided since the client was made."""

    score: int = 0
    policy: int = 0
    absence: int = 0
    withdrawn: int = 0
    conflict: int = 0
    dead_letter: int = 0
    time_out: int = 0
    unreachable: int = 0

    @property
    def total(self) -> int:
        """All answers."""
        return (
            self.score
            + self.policy
            + self.absence
            + self.withdrawn
            + self.conflict
            + self.dead_letter
            + self.time_out
            + self.unreachable
        )


class GateCounters:
    """Counts answers by what decided them."""

    def __init__(self) -> None:
        self._counts: Counter[DecidedBy] = Counter()

    def count(self, answer: GateAnswer) -> None:
        """One more answer."""
        self._counts[answer.decided_by] += 1

    def snapshot(self) -> GateStats:
        """The counts so far."""
        return GateStats(**{cause.value: self._counts[cause] for cause in DecidedBy})

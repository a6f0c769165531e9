"""What a demonstration found out; nothing here is computed from what was hoped for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.score import Interval
from plimsoll.domain.scored import ScoredResult


@dataclass(frozen=True, slots=True)
class Kill:
    """The scorer that was killed: published and not committed when it died, and the way back.

    `held_up_s` is how long the last of the results waited that were published by then or after.
    """

    scorer: str
    uncommitted: int
    held_up_s: float


@dataclass(frozen=True, slots=True)
class Funnel:
    """Counts from offset 0 of the topics and from all pages of the store, apart from each other.

    `repeated` events carry a score ID that the topic held already; none of them is visible.
    `losses` were published and are neither visible nor dead; `doubles` are visible twice.
    """

    published: int
    visible: int
    dead: int
    events: int
    repeated: int
    losses: int
    doubles: int


@dataclass(frozen=True, slots=True)
class Latencies:
    """From a result's acknowledgement to its being seen over gRPC, in milliseconds."""

    p50: float
    p99: float
    results: int


@dataclass(frozen=True, slots=True)
class LookedUp:
    """Results that were found by ID, alone and in a batch, with the same score ID."""

    count: int
    seconds: float
    scored: Mapping[ResultKey, ScoredResult]


@dataclass(frozen=True, slots=True)
class Observed:
    """Results that the observer counted, in how many windows of how many series."""

    counted: int
    windows: int
    series: int


@dataclass(frozen=True, slots=True)
class SetQuality:
    """How well right is told from wrong in one set, beside the length alone."""

    dataset: str
    results: int
    wrong: int
    auroc: float
    interval: Interval | None
    length_auroc: float


@dataclass(frozen=True, slots=True)
class Kept:
    """Errors among all, and among the best `share` by lower bound."""

    share: float
    errors: float
    errors_kept: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Quality:
    """How far the confidences can be trusted on this sample."""

    by_set: tuple[SetQuality, ...]
    ece: float
    null_ece: float
    kept: Kept
    without_confidence: int

    @property
    def mean_auroc(self) -> float:
        """The mean over sets, so that base rates of sets do not help."""
        return sum(one.auroc for one in self.by_set) / len(self.by_set)

    @property
    def mean_length_auroc(self) -> float:
        """The same of the length alone."""
        return sum(one.length_auroc for one in self.by_set) / len(self.by_set)


@dataclass(frozen=True, slots=True)
class DemoFacts:
    """All of it; `quality` is None where no result has a confidence."""

    acknowledged: int
    funnel: Funnel
    kill: Kill
    latency: Latencies
    latency_before: Latencies
    looked_up: LookedUp
    observed: Observed
    quality: Quality | None
    absences: Mapping[str, int]
    seconds: float

    @property
    def complete(self) -> bool:
        """Every published result is visible once and was looked up."""
        funnel = self.funnel
        whole = self.acknowledged == funnel.published == funnel.visible == self.looked_up.count
        return whole and not funnel.losses and not funnel.doubles

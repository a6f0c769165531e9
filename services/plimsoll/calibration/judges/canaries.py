"""Items whose right verdict is known, slipped in at a set rate to see how a judge does now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from plimsoll.calibration.judges.stream import StreamRate
from plimsoll.calibration.proportions import lower_bound, upper_bound
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.canary import FOOLING, CanaryKind


@dataclass(frozen=True, slots=True)
class CanaryAnswer:
    """What a judge said of a canary; `passed` is None where it gave no verdict."""

    kind: CanaryKind
    passed: bool | None


@dataclass(frozen=True, slots=True)
class LiveRate:
    """A rate among canaries of some kinds, with how many were asked and answered."""

    asked: int
    answered: int
    rate: StreamRate | Absence


@dataclass(frozen=True, slots=True)
class LiveReliability:
    """A judge's sensitivity, specificity and fooled-rate on canaries alone."""

    sensitivity: LiveRate
    specificity: LiveRate
    fooled: LiveRate


def is_due(seed: str, item: str, rate: float) -> bool:
    """Whether a canary follows this item: `rate` (0 to 1) of all items, by a hash of both.

    The same in every process. Whoever knows the seed knows the canaries: keep it from producers.
    """
    return _fraction(seed, "due", item) < rate


def drawn(seed: str, item: str, canaries: int) -> int:
    """Which of so many canaries follows the item, each alike: a position from 0."""
    return min(canaries - 1, int(_fraction(seed, "which", item) * canaries))


def in_order_of_chance(seed: str, names: Iterable[str]) -> list[str]:
    """Names shuffled by a hash: the first so many of them are a sample without replacement."""
    return sorted(names, key=lambda name: _fraction(seed, "order", name))


def live_reliability(answers: Iterable[CanaryAnswer], level: float = 0.95) -> LiveReliability:
    """The rates with exact (Clopper-Pearson) intervals, where canaries were drawn alike.

    A canary without a verdict is in no numerator. It widens: the lower end takes it for a
    verdict of one kind, the upper end for one of the other.
    """
    seen = tuple(answers)
    good = [answer.passed for answer in seen if answer.kind is CanaryKind.KNOWN_GOOD]
    bad = [answer.passed for answer in seen if answer.kind is CanaryKind.KNOWN_BAD]
    fooling = [answer.passed for answer in seen if answer.kind in FOOLING]
    return LiveReliability(
        sensitivity=_live(good, level),
        specificity=_live([None if passed is None else not passed for passed in bad], level),
        fooled=_live(fooling, level),
    )


def _live(events: list[bool | None], level: float) -> LiveRate:
    asked, answered = len(events), sum(event is not None for event in events)
    if not answered:
        detail = f"none of {asked} canaries has a verdict"
        return LiveRate(asked, 0, Absence(AbsenceReason.INSUFFICIENT_SAMPLES, detail))
    count = sum(event is True for event in events)
    return LiveRate(asked, answered, _rate(count, answered, asked, level))


@lru_cache(maxsize=4_096)
def _rate(count: int, answered: int, asked: int, level: float) -> StreamRate:
    """Exact bounds take milliseconds, and after most canaries most rates are what they were."""
    one_sided = 0.5 + level / 2.0
    return StreamRate(
        point=count / answered,
        lower=lower_bound(count, asked, one_sided),
        upper=upper_bound(count + asked - answered, asked, one_sided),
        level=level,
    )


def _fraction(seed: str, purpose: str, item: str) -> float:
    text = f"{len(seed)}:{seed}|{purpose}|{item}"
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:7]) / (1 << 56)

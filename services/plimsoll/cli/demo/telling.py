"""Picks results that show what a confidence is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from plimsoll.cli.sample import SampleLabel
from plimsoll.domain.confidence import Estimate
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import LlmResult
from plimsoll.domain.scored import ScoredResult


@dataclass(frozen=True, slots=True)
class Example:
    """One result with what it shows."""

    heading: str
    prompt: str
    response: str
    scored: ScoredResult
    why: str
    label: int


def telling_results(
    results: Sequence[LlmResult],
    scored: Mapping[ResultKey, ScoredResult],
    labels: Mapping[ResultKey, SampleLabel],
) -> Iterator[Example]:
    """The best and the worst lower bound, and the widest interval where something is missing."""
    by_key = {result.key: result for result in results}
    whole = [s for s in scored.values() if s.confidence.estimate is not None]
    if not whole:
        return

    def example(heading: str, one: ScoredResult, why: str) -> Example:
        result = by_key[one.key]
        prompt = next((m.text for m in reversed(result.messages) if m.role == "user"), "")
        label = labels[one.key].label
        return Example(heading, prompt, result.response.text, one, why, label)

    best = max(whole, key=lambda s: (_estimate(s).interval.lower, str(s.key)))
    yield example("to accept", best, f"measured: {_values(best)}")
    named = [s for s in whole if s.confidence.weakest_metric and not missing(s)]
    worst = min(named or whole, key=lambda s: (_estimate(s).interval.lower, str(s.key)))
    weakest = worst.confidence.weakest_metric or "none"
    yield example("to review", worst, f"weakest part: {weakest}; measured: {_values(worst)}")
    lacking = [s for s in whole if missing(s)]
    if lacking:
        widest = max(lacking, key=lambda s: (width(s), str(s.key)))
        usual = (
            median(width(s) for s in whole if not missing(s)) if len(lacking) < len(whole) else 0
        )
        said = "; ".join(f"{', '.join(names)} ({why})" for why, names in _by_why(widest).items())
        compared = f"{usual:.2f} where nothing is missing" if usual else "nothing to compare with"
        why = f"interval {width(widest):.2f} wide ({compared}). Missing: {said}"
        yield example("an absence widens the interval", widest, why)


def missing(scored: ScoredResult) -> list[tuple[str, str]]:
    """Metrics whose absence makes the interval wider, with why."""
    return [
        (score.metric, score.absence.detail or score.absence.reason.value)
        for score in scored.scores
        if score.absence is not None and score.absence.reason.widens
    ]


def _by_why(scored: ScoredResult) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for metric, why in missing(scored):
        found.setdefault(why, []).append(metric)
    return found


def width(scored: ScoredResult) -> float:
    """How wide the confidence's interval is, in [0, 1]."""
    interval = _estimate(scored).interval
    return interval.upper - interval.lower


def _estimate(scored: ScoredResult) -> Estimate:
    estimate = scored.confidence.estimate
    if estimate is None:
        raise ValueError(f"{scored.key} has no confidence")
    return estimate


def _values(scored: ScoredResult) -> str:
    return ", ".join(f"{s.metric} {s.value:.2f}" for s in scored.scores if s.value is not None)

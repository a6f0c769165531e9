"""What a panel's verdicts on one result come to, given what is known of its jurors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from plimsoll.calibration.judges.alike import spanned
from plimsoll.calibration.judges.correlation import effective_number, mean_correlation
from plimsoll.calibration.judges.panel import Tally, tally
from plimsoll.calibration.judges.posterior import Vote, probability
from plimsoll.calibration.judges.rates import Standing
from plimsoll.calibration.judges.table import ReliabilityTable, TaskKey
from plimsoll.domain.confidence import Estimate
from plimsoll.domain.score import Interval, IntervalKind
from plimsoll.domain.verdicts import JudgeKey, JurorVerdict

# Each doubles the cases; with more missing than this nothing is bounded.
_MOST_MISSING = 6


@dataclass(frozen=True, slots=True)
class Judgement:
    """P(right) with its interval, beside what the panel said and what is known of it.

    `standings` are the jurors', in the order of the verdicts; the panel's `standing` is
    `measured` if one juror that answered is, `judge_uninformative` if none that answered can
    count, `unmeasured` otherwise. `effective_jurors` counts those that answered, less what they
    err alike. `self_variance` is the mean of what jurors say of their own doubts: it is reported
    and decides nothing, because a judge that is wrong may well be sure.
    """

    estimate: Estimate
    standing: Standing
    standings: tuple[Standing, ...]
    tally: Tally
    effective_jurors: float
    self_variance: float | None
    reliability_id: str


def judged(
    table: ReliabilityTable,
    verdicts: Sequence[JurorVerdict],
    task: TaskKey,
    level: float = 0.95,
) -> Judgement:
    """The judgement of a panel, of one juror or more; a juror without a verdict counts as missing.

    A juror that is no better than a coin, or unmeasured beside others that are not, counts nothing.
    A missing juror widens: the interval holds whatever its vote would have made of it. The same
    for the same verdicts in any order. ValueError for no juror, or one that is there
    twice.
    """
    if not verdicts:
        raise ValueError("a panel without jurors has no judgement; ask at least one")
    ordered = sorted(verdicts, key=lambda verdict: verdict.judge)
    correlations = table.correlations_of([verdict.judge for verdict in ordered])
    standings = [table.counts_of(verdict.judge).standing for verdict in ordered]
    there = [place for place, verdict in enumerate(ordered) if verdict.passed is not None]
    alike = mean_correlation(correlations[there][:, there])
    doubts = [verdict.variance for verdict in ordered if verdict.variance is not None]
    return Judgement(
        estimate=_estimate(table, ordered, task, level),
        standing=_standing([standings[place] for place in there]),
        standings=tuple(table.counts_of(verdict.judge).standing for verdict in verdicts),
        tally=tally(verdicts),
        effective_jurors=effective_number(len(there), alike),
        self_variance=sum(doubts) / len(doubts) if doubts else None,
        reliability_id=table.reliability_id,
    )


def _estimate(
    table: ReliabilityTable, ordered: Sequence[JurorVerdict], task: TaskKey, level: float
) -> Estimate:
    """The point from what each juror is worth, the interval from labelled items judged alike."""
    counting = _counting(table, ordered)
    prevalence = table.prevalence_of(task)
    if not counting:
        lower, upper = prevalence.interval(level)
        return Estimate(prevalence.mean, Interval(lower, upper, level, IntervalKind.CREDIBLE))
    votes = [Vote(table.counts_of(verdict.judge), verdict.passed) for verdict in counting]
    correlations = table.correlations_of([verdict.judge for verdict in counting])
    point = probability(votes, correlations, prevalence)
    if sum(vote.passed is None for vote in votes) > _MOST_MISSING:
        return Estimate(point, Interval(0.0, 1.0, level, IntervalKind.CREDIBLE))
    interval = spanned((table.alike(case) for case in _cases(counting)), prevalence, level)
    lower, upper = min(point, interval.lower), max(point, interval.upper)
    return Estimate(point, replace(interval, lower=lower, upper=upper))


def _counting(table: ReliabilityTable, ordered: Sequence[JurorVerdict]) -> Sequence[JurorVerdict]:
    """The measured jurors; where there are none, those that nobody has measured."""
    by_standing = {
        standing: [v for v in ordered if table.counts_of(v.judge).standing is standing]
        for standing in (Standing.MEASURED, Standing.UNMEASURED)
    }
    return by_standing[Standing.MEASURED] or by_standing[Standing.UNMEASURED]


def _cases(counting: Sequence[JurorVerdict]) -> Iterator[Mapping[JudgeKey, bool]]:
    """Every way in which the jurors voted or may have voted."""
    choices = [
        (False, True) if verdict.passed is None else (verdict.passed,) for verdict in counting
    ]
    for chosen in product(*choices):
        yield {v.judge: passed for v, passed in zip(counting, chosen, strict=True)}


def _standing(answered: Sequence[Standing]) -> Standing:
    if Standing.MEASURED in answered:
        return Standing.MEASURED
    if answered and all(standing is Standing.UNINFORMATIVE for standing in answered):
        return Standing.UNINFORMATIVE
    return Standing.UNMEASURED

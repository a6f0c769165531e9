"""What a panel's verdicts on one result come to, given what is known of its jurors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.calibration.judges.correlation import effective_number, mean_correlation
from plimsoll.calibration.judges.panel import Tally, tally
from plimsoll.calibration.judges.posterior import Vote, posterior
from plimsoll.calibration.judges.rates import Standing
from plimsoll.calibration.judges.table import ReliabilityTable, TaskKey
from plimsoll.domain.confidence import Estimate
from plimsoll.domain.verdicts import JurorVerdict


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

    The same for the same verdicts in any order. ValueError for no juror, or one that is there
    twice.
    """
    if not verdicts:
        raise ValueError("a panel without jurors has no judgement; ask at least one")
    ordered = sorted(verdicts, key=lambda verdict: verdict.judge)
    correlations = table.correlations_of([verdict.judge for verdict in ordered])
    votes = [Vote(table.counts_of(verdict.judge), verdict.passed) for verdict in ordered]
    there = [place for place, vote in enumerate(votes) if vote.passed is not None]
    alike = mean_correlation(correlations[there][:, there])
    doubts = [verdict.variance for verdict in ordered if verdict.variance is not None]
    return Judgement(
        estimate=posterior(votes, correlations, table.prevalence_of(task), level),
        standing=_standing([votes[place].counts.standing for place in there]),
        standings=tuple(table.counts_of(verdict.judge).standing for verdict in verdicts),
        tally=tally(verdicts),
        effective_jurors=effective_number(len(there), alike),
        self_variance=sum(doubts) / len(doubts) if doubts else None,
        reliability_id=table.reliability_id,
    )


def _standing(answered: Sequence[Standing]) -> Standing:
    if Standing.MEASURED in answered:
        return Standing.MEASURED
    if answered and all(standing is Standing.UNINFORMATIVE for standing in answered):
        return Standing.UNINFORMATIVE
    return Standing.UNMEASURED

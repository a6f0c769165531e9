"""A juror's value from its score tokens, its samples or its single answer, and which it was."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.verdicts import Estimator, JudgeKey, JurorVerdict

# Below it the judge was about to write something else than a score.
_LEAST_MASS = 0.5


@dataclass(frozen=True, slots=True)
class Scale:
    """The lowest and the highest score of a rubric."""

    lowest: float
    highest: float

    def __post_init__(self) -> None:
        """ValueError for a scale without width."""
        if not self.lowest < self.highest:
            raise ValueError(f"a scale from {self.lowest} to {self.highest} has no width")

    def unit(self, score: float) -> float:
        """The score in [0, 1]."""
        return (score - self.lowest) / (self.highest - self.lowest)


@dataclass(frozen=True, slots=True)
class Expectation:
    """Mean and variance of a score on its own scale, and the probability that was on scores."""

    mean: float
    variance: float
    mass: float


def expected_score(logprobs: Mapping[float, float]) -> Expectation:
    """G-Eval's E = sum s p(s) / sum p(s) (arXiv:2303.16634) and its variance, from score tokens.

    `logprobs` are natural logarithms by score, for those the endpoint told of. ValueError where no
    probability is above 0 as a number.
    """
    scores = sorted(score for score, logprob in logprobs.items() if _has_weight(logprob))
    if not scores:
        raise ValueError("no score has a probability; give the logarithm of at least one")
    weights = [math.exp(logprobs[score]) for score in scores]
    mass = math.fsum(weights)
    mean = math.fsum(s * w for s, w in zip(scores, weights, strict=True)) / mass
    squares = math.fsum((s - mean) ** 2 * w for s, w in zip(scores, weights, strict=True))
    return Expectation(mean, squares / mass, mass)


def from_logprobs(judge: JudgeKey, logprobs: Mapping[float, float], scale: Scale) -> JurorVerdict:
    """A verdict by `expectation_logprob`; `parse_failed` where scores have less than half the mass.

    Scores outside the scale are not scores.
    """
    on_scale = {
        s: p for s, p in logprobs.items() if scale.lowest <= s <= scale.highest and _has_weight(p)
    }
    estimator = Estimator.EXPECTATION_LOGPROB
    expectation = expected_score(on_scale) if on_scale else Expectation(0.0, 0.0, 0.0)
    if expectation.mass < _LEAST_MASS:
        detail = f"{expectation.mass:.0%} of the probability is on scores, needs {_LEAST_MASS:.0%}"
        return JurorVerdict(judge, Absence(AbsenceReason.PARSE_FAILED, detail), estimator)
    variance = expectation.variance / (scale.highest - scale.lowest) ** 2
    return JurorVerdict(judge, scale.unit(expectation.mean), estimator, variance)


def from_samples(judge: JudgeKey, values: Sequence[float | Absence]) -> JurorVerdict:
    """A verdict from what one juror said when asked several times, or in several wordings.

    `values` in [0, 1]. The mean of those that answered by `expectation_samples`, with their
    variance; of one that was asked once, `single_shot` without. Where more than half are missing,
    so is the verdict, for the reason of the first. ValueError where nothing was asked.
    """
    if not values:
        raise ValueError("a juror that was not asked has no verdict; leave it out of the panel")
    answered = sorted(value for value in values if not isinstance(value, Absence))
    estimator = Estimator.SINGLE_SHOT if len(values) == 1 else Estimator.EXPECTATION_SAMPLES
    if 2 * len(answered) < len(values) or not answered:
        missing = next(value for value in values if isinstance(value, Absence))
        detail = f"{len(answered)} of {len(values)} samples answered"
        return JurorVerdict(judge, Absence(missing.reason, detail), estimator)
    mean = math.fsum(answered) / len(answered)
    if len(answered) < 2:
        return JurorVerdict(judge, mean, estimator)
    spread = math.fsum((value - mean) ** 2 for value in answered) / (len(answered) - 1)
    return JurorVerdict(judge, mean, estimator, spread)


def _has_weight(logprob: float) -> bool:
    """Whether the probability is above 0 as a number; that of -1000 is not."""
    return math.exp(logprob) > 0.0

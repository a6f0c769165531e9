"""What jurors say of one result, and for what a judge's reliability is measured."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.absence import Absence

# A value at or above it says that the result is right.
PASSING = 0.5


class Estimator(StrEnum):
    """How a judge's value came about; a value never changes from one to another silently."""

    EXPECTATION_LOGPROB = "expectation_logprob"
    EXPECTATION_SAMPLES = "expectation_samples"
    SINGLE_SHOT = "single_shot"


@dataclass(frozen=True, slots=True, order=True)
class JudgeKey:
    """Which judge, asked what: a judge that differs in any of these has to be measured anew.

    `language` is that of the results (BCP 47), `task_version` that of the task they come from.
    """

    rubric: str
    rubric_version: str
    model: str
    language: str
    task_version: str


@dataclass(frozen=True, slots=True)
class JurorVerdict:
    """One juror's verdict: a value in [0, 1], higher is better, or why there is none.

    `variance` is the juror's own uncertainty on that scale, over samples, perturbations or score
    tokens; None where it was asked once and says nothing of its doubts.
    """

    judge: JudgeKey
    outcome: float | Absence
    estimator: Estimator
    variance: float | None = None

    @property
    def value(self) -> float | None:
        """The value, or None where there is an absence."""
        return None if isinstance(self.outcome, Absence) else self.outcome

    @property
    def passed(self) -> bool | None:
        """Whether the juror holds the result to be right; None where it does not say."""
        return None if self.value is None else self.value >= PASSING


@dataclass(frozen=True, slots=True)
class LabelledVerdict:
    """A verdict on an item of which it is known whether it was right."""

    judge: JudgeKey
    item: str
    passed: bool
    right: bool

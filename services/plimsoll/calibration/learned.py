"""A combination that goes by what labels have taught, and by the prior where they have not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from plimsoll.calibration.combine import Combination, Sum, new_term
from plimsoll.calibration.learning.logits import clipped
from plimsoll.calibration.learning.standing import Standing
from plimsoll.domain.absence import Absence
from plimsoll.domain.confidence import Confidence, ConfidenceStatus
from plimsoll.domain.learned import LearnedCalibration, ScopeKey
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score

# What stands for a scope now, or None.
Look = Callable[[ScopeKey], Standing | None]


class LearnedCombination:
    """The prior's point, taken to what labels say of such points, with what is promised of it.

    A map that only rises, so the order of results within a scope is the prior's. What is absent
    widens as before; labels replace what the prior does not know of this stream.
    """

    def __init__(self, prior: Combination, look: Look) -> None:
        self._prior = prior
        self._look = look

    @property
    def calibration_id(self) -> str:
        """The prior's: what stands has names of its own, and confidences carry them."""
        return self._prior.calibration_id

    @property
    def inputs(self) -> tuple[str, ...]:
        """The metrics that it reads."""
        return self._prior.inputs

    def combine(self, scores: Sequence[Score], result: LlmResult, basis: str = "") -> Confidence:
        """The confidence; the prior's where nothing stands for this tenant, task kind and basis."""
        total = self._prior.add_up(scores, result)
        said = self._prior.said(total, basis)
        if isinstance(total, Absence) or said.estimate is None:
            return said
        standing = self._look(ScopeKey(result.key.tenant, result.task_kind, basis))
        if standing is None:
            return said
        promises = standing.promises(said.estimate.point)
        learned = standing.calibration
        if learned is None:
            return replace(said, calibration_id=standing.calibration_id, promises=promises)
        estimate, weakest = self._prior.estimate(_mapped(total, learned))
        return Confidence(
            outcome=estimate,
            status=ConfidenceStatus.CALIBRATED,
            calibration_id=standing.calibration_id,
            labels=learned.labels,
            weakest_metric=weakest,
            basis=basis,
            unlearned=said.estimate,
            promises=promises,
        )


def _mapped(total: Sum, learned: LearnedCalibration) -> Sum:
    """The sum as labels have it: by the delta method, with the fit's covariance for the prior's."""
    x, slope = clipped(total.logit), learned.slope
    variance = (
        learned.intercept_variance + 2.0 * x * learned.covariance + x * x * learned.slope_variance
    )
    return Sum(
        logit=min(learned.intercept + slope * x, total.highest),
        highest=total.highest,
        variance=max(0.0, variance),
        terms=tuple(
            new_term(one.metric, slope * one.shift, slope * slope * one.variance)
            for one in total.terms
        ),
    )

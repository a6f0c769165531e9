"""How often results on parents as sure as these were right, as learned from labels."""

from __future__ import annotations

from typing import Self

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.parents_confidence import confidences_of, frechet
from plimsoll.ports.tools import Lineage, Tools

_NOT_LEARNED = Absence(
    AbsenceReason.NOT_CONFIGURED, "lineage.conditional_file names nothing that labels have taught"
)
# A pass over the labelled results that are kept.
_STEPS = 30_000


class RightGivenParents:
    """P(right | the lower bound on all parents being right), by inductive Venn-Abers.

    What `parents_confidence` bounds without assumptions, this tells from labels of results with
    parents (`plimsoll lineage`): a step may be wrong on right parents, and right on wrong ones.
    Where none have been learned from it is `not_configured`, and the bounds stand alone.
    """

    spec = MetricSpec(
        name="right_given_parents",
        version="1",
        family=Family.LINEAGE,
        summary="How often results on parents as sure as these were right, on your labels.",
        needs=(Need.PARENTS,),
        source="Venn-Abers (Vovk, Petej and Fedorova, 2015) on the Frechet bound",
        raw_scale="lower bound on all parents being right",
    )

    def __init__(self, lineage: Lineage | None = None) -> None:
        self._lineage = lineage

    @classmethod
    def with_tools(cls, tools: Tools) -> Self:
        """The metric with what was learned."""
        return cls(tools.lineage)

    def work(self, result: LlmResult) -> int:
        """A few steps a parent, and a pass over what was learned."""
        return 20 + 10 * len(result.parents) + (0 if self._lineage is None else _STEPS)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The probability in [0, 1]; the uncertainty is how far Venn-Abers' two lie apart."""
        if self._lineage is None:
            return _NOT_LEARNED
        confidences = confidences_of(result.parents)
        if isinstance(confidences, Absence):
            return confidences
        lower, _ = frechet(list(confidences.values()))
        given = self._lineage.right_given(lower)
        return Measurement(
            value=given.point,
            raw_value=lower,
            uncertainty=given.upper - given.lower,
            provenance=(
                ("conditional", self._lineage.name),
                ("labels", str(self._lineage.labels)),
                ("parents", str(len(confidences))),
            ),
        )

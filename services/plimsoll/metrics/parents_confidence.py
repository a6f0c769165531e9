"""What the results that this one was made from leave of it: bounds on all of them being right."""

from __future__ import annotations

import math
from collections.abc import Sequence

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult, ParentRef
from plimsoll.domain.score import Evidence, Interval, IntervalKind

MAX_EVIDENCE = 8


class ParentsConfidence:
    """The lower Frechet bound of P(all parents are right), from the confidences they came with.

    However the parents' errors hang together, the probability lies between max(0, 1 - sum of
    (1 - p_i)) and min p_i (Frechet 1935). The value is the lower bound, which needs no assumption;
    the raw value is the product, which holds where errors are independent. It speaks of what this
    result rests on: a step may be wrong on right parents, and right on wrong ones.
    """

    spec = MetricSpec(
        name="parents_confidence",
        version="1",
        family=Family.LINEAGE,
        summary="Lower bound on all results that this one was made from being right.",
        needs=(Need.PARENTS,),
        source="Frechet bounds (1935)",
        raw_scale="product of the parents' confidences",
    )

    def work(self, result: LlmResult) -> int:
        """A few steps a parent."""
        return 20 + 10 * len(result.parents)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The lower bound in [0, 1]; the interval holds both bounds; evidence names the weakest."""
        confidences = confidences_of(result.parents)
        if isinstance(confidences, Absence):
            return confidences
        values = list(confidences.values())
        lower, upper = frechet(values)
        weakest = sorted(confidences, key=lambda parent: (confidences[parent], parent))
        return Measurement(
            value=lower,
            raw_value=math.prod(sorted(values)),
            interval=Interval(lower, upper, 1.0, IntervalKind.FRECHET),
            evidence=tuple(
                Evidence(kind="parent", ref=parent, text=f"confidence {confidences[parent]:.6g}")
                for parent in weakest[:MAX_EVIDENCE]
            ),
            provenance=(("parents", str(len(values))),),
        )


def frechet(confidences: Sequence[float]) -> tuple[float, float]:
    """Bounds on the probability of all events, given each one's: (lower, upper).

    Of .9, .9 and .9 they are .7 and .9, where independence would say .729.
    """
    doubt = math.fsum(1.0 - confidence for confidence in confidences)
    upper = min(confidences)
    # Of one event both bounds are its probability, which 1 - (1 - p) may miss by a rounding.
    lower = upper if len(confidences) == 1 else max(0.0, 1.0 - doubt)
    return min(lower, upper), upper


def confidences_of(parents: Sequence[ParentRef]) -> dict[str, float] | Absence:
    """Each parent's confidence once, however often the parent is named."""
    found: dict[str, float] = {}
    missing: set[str] = set()
    for parent in parents:
        confidence = parent.confidence
        if confidence is None:
            missing.add(parent.result_id)
        elif not 0.0 <= confidence <= 1.0:
            return Absence(AbsenceReason.INPUT_INVALID, "a parent's confidence is not in [0, 1]")
        elif found.setdefault(parent.result_id, confidence) != confidence:
            return Absence(AbsenceReason.INPUT_INVALID, "one parent comes with two confidences")
    missing -= found.keys()
    if missing:
        total = len(missing) + len(found)
        detail = f"{len(missing)} of {total} parents came without a confidence"
        return Absence(AbsenceReason.INPUT_MISSING, detail)
    return found

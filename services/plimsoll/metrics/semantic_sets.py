"""How many different answers the model gives, of as many as there could be."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult, Pairs
from plimsoll.metrics.equivalence import Meanings, canonical_meanings
from plimsoll.metrics.reading import Reading, chars, read


class SemanticSets:
    """(N - N_C) / (N - 1), with N_C different meanings among N responses (Lin et al.).

    Equivalence rule `canonical-form`: the same JSON, number, date, choice or normal form.
    """

    spec = MetricSpec(
        name="semantic_sets",
        version="2",
        family=Family.BLACK_BOX,
        summary="Number of different answers to the same request, by their canonical forms.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES),
        source="Lin et al., TMLR 2024, arXiv:2305.19187",
        raw_scale="different meanings",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once."""
        return 100 + 2 * chars(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The confidence in [0, 1]; raw value is the number of meanings."""
        reading = read(result)
        if isinstance(reading, Absence):
            return reading
        return sets_measured(reading, canonical_meanings(reading))


def sets_measured(reading: Reading, found: Meanings, facts: Pairs | None = None) -> Measurement:
    """The confidence by the number of meanings, 1 where all responses mean the same."""
    n, sets = len(found.labels), len(found.sizes)
    return measurement(
        value=(n - sets) / (n - 1),
        raw_value=float(sets),
        evidence=(found.evidence,),
        provenance=(
            ("equivalence", found.rule),
            *(facts or reading.provenance),
            ("response_included", "yes"),
        ),
        flags=reading.flags,
    )

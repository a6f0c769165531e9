"""How much of each sentence one passage of the context has, word by word."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.support import PASSAGE_WORDS, claims_of, evidence_of, work_of


class SentenceCoverage:
    """Mean over the response's sentences of the best passage's share of their content words.

    Stricter than `context_coverage`: words that stand far apart in the context do not add up.
    Lexical: it sees what came from nowhere, not what was said about it.
    """

    spec = MetricSpec(
        name="sentence_coverage",
        version="1",
        family=Family.GROUNDING,
        summary="How well one passage of the context covers each sentence's words.",
        needs=(Need.CONTEXT, Need.RESPONSE_TEXT),
        source="sentence-level lexical support",
        raw_scale="lowest share of a sentence",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text, and each sentence against the passages that share a word with it."""
        return work_of(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The mean in [0, 1]; evidence is the weakest sentences, each with its best passage."""
        claims = claims_of(result)
        if isinstance(claims, Absence):
            return claims
        verdicts: list[tuple[int, float, int | None]] = []
        for place, shares in enumerate(claims.overlaps):
            best = claims.nearest(place, 1)[0] if shares else None
            verdicts.append((place, 0.0 if best is None else shares[best], best))
        shares_of_all = [share for _, share, _ in verdicts]
        weak = sorted((one for one in verdicts if one[1] < 1.0), key=lambda one: one[1])
        return measurement(
            value=min(1.0, math.fsum(shares_of_all) / len(shares_of_all)),
            raw_value=min(shares_of_all),
            evidence=evidence_of(claims, "weak_sentence", weak),
            provenance=(
                ("passage_words", str(PASSAGE_WORDS)),
                ("sentences", str(len(verdicts))),
            ),
        )

"""Share of the response's claims that the context supports, with its interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.claims import ClaimScoring
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.beta import jeffreys_interval
from plimsoll.metrics.claim_marks import marked
from plimsoll.metrics.claim_verdicts import (
    MAX_PASSAGES,
    STEPS_A_PAIR,
    JudgedClaims,
    Kind,
    judged_claims,
    pairs_of,
)
from plimsoll.metrics.support import PASSAGE_WORDS, evidence_of, work_of
from plimsoll.ports.tools import EntailmentModel, LearnedClaims, Tools

LEVEL = 0.9


class ClaimFaithfulness:
    """Supported claims over all claims (RAGAS, arXiv:2309.15217), one claim a sentence.

    A claim that the model can neither support nor contradict is not supported, and is counted
    apart in the provenance. The interval is Beta(1/2 + s, 1/2 + n - s): claims count as
    independent, which those of one response are not quite. Without a claim there is no number.

    Where labels have taught which claims to keep (`plimsoll claims learn`), each is marked, and the
    score says what that promises (conformal factuality, arXiv:2402.10978). The number is the same.
    """

    spec = MetricSpec(
        name="claim_faithfulness",
        version="1",
        family=Family.GROUNDING,
        summary="Share of the response's claims that the context supports.",
        needs=(Need.CONTEXT, Need.RESPONSE_TEXT, Need.ENTAILMENT_MODEL),
        source="RAGAS, arXiv:2309.15217; FActScore, arXiv:2305.14251",
        cost=Cost.LOCAL_MODEL,
        raw_scale="claims supported",
    )

    def __init__(
        self, model: EntailmentModel | None = None, learned: LearnedClaims | None = None
    ) -> None:
        self._model = model
        self._learned = learned

    @classmethod
    def with_tools(cls, tools: Tools) -> ClaimFaithfulness:
        """The metric with the model that is configured, and what labels have taught."""
        return cls(tools.entailment, tools.claims)

    def work(self, result: LlmResult) -> int:
        """A model's pass for each claim and each of its passages."""
        return 1 if self._model is None else work_of(result) + STEPS_A_PAIR * pairs_of(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1] with a 90 % interval; evidence is the claims without support."""
        if self._model is None:
            return Absence(AbsenceReason.NOT_CONFIGURED, "no model of entailment")
        judged = judged_claims(result, self._model)
        if isinstance(judged, Absence):
            return judged
        found = faithfulness(judged, self._model.name)
        if isinstance(found, Absence) or self._learned is None:
            return found
        scoring = scoring_by(self._model)
        return replace(found, claim_filter=marked(judged, scoring, result, self._learned))


def scoring_by(model: EntailmentModel) -> ClaimScoring:
    """What gives claims their scores here, as it goes with labelled ones."""
    return ClaimScoring(ClaimFaithfulness.spec.name, ClaimFaithfulness.spec.version, model.name)


def faithfulness(judged: JudgedClaims, model: str) -> Measurement | Absence:
    """The measurement of claims that were judged; `not_applicable` for none: not 1 and not 0."""
    kinds: Sequence[Kind] = [verdict.kind for verdict in judged.verdicts]
    if not kinds:
        return Absence(AbsenceReason.NOT_APPLICABLE, "the response makes no claim")
    counts = Counter(kinds)
    supported = counts["supported"]
    doubtful: list[tuple[int, float, int | None]] = [
        (place, verdict.entails, verdict.passage)
        for place, verdict in enumerate(judged.verdicts)
        if verdict.kind != "supported"
    ]
    # Contradicted claims first: of them it is known that they are wrong.
    doubtful.sort(key=lambda one: (kinds[one[0]] != "contradicted", one[1], one[0]))
    return Measurement(
        value=supported / len(kinds),
        raw_value=float(supported),
        interval=jeffreys_interval(supported, len(kinds) - supported, LEVEL),
        evidence=tuple(
            item
            for one in doubtful
            for item in evidence_of(judged.claims, f"{kinds[one[0]]}_claim", [one])
        )[:16],
        provenance=(
            ("claims_cannot_tell", str(counts["cannot_tell"])),
            ("claims_contradicted", str(counts["contradicted"])),
            ("claims_supported", str(supported)),
            ("claim_unit", "sentence"),
            ("entailment_model", model),
            ("passage_words", str(PASSAGE_WORDS)),
            ("passages_a_claim", str(MAX_PASSAGES)),
        ),
    )

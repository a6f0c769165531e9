"""How far a model takes each sentence to follow from its best passage of the context."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.claim_verdicts import MAX_PASSAGES, STEPS_A_PAIR, judged_claims, pairs_of
from plimsoll.metrics.support import PASSAGE_WORDS, evidence_of, work_of
from plimsoll.ports.tools import EntailmentModel, Tools


class SentenceEntailment:
    """Mean over sentences of the highest P(entailed) over passages (SummaC-ZS, arXiv:2111.09525).

    Each sentence is held against the passages that share most words with it. A fragment of under
    four words is read behind the question that it answers.
    """

    spec = MetricSpec(
        name="sentence_entailment",
        version="1",
        family=Family.GROUNDING,
        summary="How far each sentence follows from one passage of the context.",
        needs=(Need.CONTEXT, Need.RESPONSE_TEXT, Need.ENTAILMENT_MODEL),
        source="SummaC-ZS, Laban et al., arXiv:2111.09525",
        cost=Cost.LOCAL_MODEL,
        raw_scale="lowest P(entailed) of a sentence",
    )

    def __init__(self, model: EntailmentModel | None = None) -> None:
        self._model = model

    @classmethod
    def with_tools(cls, tools: Tools) -> SentenceEntailment:
        """The metric with the model that is configured."""
        return cls(tools.entailment)

    def work(self, result: LlmResult) -> int:
        """A model's pass for each sentence and each of its passages."""
        return 1 if self._model is None else work_of(result) + STEPS_A_PAIR * pairs_of(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The mean in [0, 1]; evidence is the weakest sentences, each with its best passage."""
        if self._model is None:
            return Absence(AbsenceReason.NOT_CONFIGURED, "no model of entailment")
        judged = judged_claims(result, self._model)
        if isinstance(judged, Absence):
            return judged
        verdicts: list[tuple[int, float, int | None]] = [
            (place, verdict.entails, verdict.passage)
            for place, verdict in enumerate(judged.verdicts)
        ]
        chances = [chance for _, chance, _ in verdicts]
        return Measurement(
            value=min(1.0, max(0.0, math.fsum(chances) / len(chances))),
            raw_value=min(chances),
            evidence=evidence_of(
                judged.claims, "weak_sentence", sorted(verdicts, key=lambda one: (one[1], one[0]))
            ),
            provenance=(
                ("entailment_model", self._model.name),
                ("passage_words", str(PASSAGE_WORDS)),
                ("passages_a_sentence", str(MAX_PASSAGES)),
            ),
        )

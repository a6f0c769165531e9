"""How near each sentence is in meaning to its nearest passage of the context."""

from __future__ import annotations

import math

import numpy as np

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.support import PASSAGE_WORDS, Claims, claims_of, evidence_of, work_of
from plimsoll.ports.tools import Embedder, Tools

MAX_SENTENCES = 200
MAX_PASSAGES = 256
# About 10 ms for each text that a small model reads on one core.
_STEPS_A_TEXT = 100_000


class SentenceSimilarity:
    """Mean over the response's sentences of max(0, cosine) to the nearest passage.

    It sees paraphrases, and hardly sees a wrong number or a `not`. Of a long context the passages
    that share most words with the response are read.
    """

    spec = MetricSpec(
        name="sentence_similarity",
        version="1",
        family=Family.GROUNDING,
        summary="How near each sentence is in meaning to one passage of the context.",
        needs=(Need.CONTEXT, Need.RESPONSE_TEXT, Need.EMBEDDING_MODEL),
        source="maximum embedding similarity of sentences to passages",
        cost=Cost.LOCAL_MODEL,
        raw_scale="lowest cosine of a sentence",
    )

    def __init__(self, embedder: Embedder | None = None) -> None:
        self._embedder = embedder

    @classmethod
    def with_tools(cls, tools: Tools) -> SentenceSimilarity:
        """The metric with the embedder that is configured."""
        return cls(tools.embedder)

    def work(self, result: LlmResult) -> int:
        """A model's pass for each sentence and each passage."""
        if self._embedder is None:
            return 1
        context = sum(len(document.text) for document in result.context)
        texts = 2 + len(result.response.text) // 40 + min(MAX_PASSAGES, context // 200)
        return work_of(result) + _STEPS_A_TEXT * texts

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The mean in [0, 1]; evidence is the farthest sentences, each with its nearest passage."""
        if self._embedder is None:
            return Absence(AbsenceReason.NOT_CONFIGURED, "no embedding model")
        claims = claims_of(result)
        if isinstance(claims, Absence):
            return claims
        if len(claims.sentences) > MAX_SENTENCES:
            detail = f"{len(claims.sentences)} sentences, {MAX_SENTENCES} allowed"
            return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
        chosen = _chosen(claims)
        verdicts = _nearest(claims, chosen, self._embedder)
        cosines = [cosine for _, cosine, _ in verdicts]
        return Measurement(
            value=min(1.0, math.fsum(max(0.0, cosine) for cosine in cosines) / len(cosines)),
            raw_value=min(cosines),
            evidence=evidence_of(
                claims, "far_sentence", sorted(verdicts, key=lambda one: (one[1], one[0]))
            ),
            provenance=(
                ("embedder", self._embedder.name),
                ("passage_words", str(PASSAGE_WORDS)),
                ("passages_read", f"{len(chosen)} of {len(claims.passages)}"),
            ),
        )


def _chosen(claims: Claims) -> list[int]:
    """The passages to read, in their order: all, or those that share most words with a sentence."""
    if len(claims.passages) <= MAX_PASSAGES:
        return list(range(len(claims.passages)))
    share: dict[int, float] = dict.fromkeys(range(len(claims.passages)), 0.0)
    for overlaps in claims.overlaps:
        for passage, value in overlaps.items():
            share[passage] = max(share[passage], value)
    return sorted(sorted(share, key=lambda passage: (-share[passage], passage))[:MAX_PASSAGES])


def _nearest(
    claims: Claims, chosen: list[int], embedder: Embedder
) -> list[tuple[int, float, int | None]]:
    texts = [sentence.text for sentence in claims.sentences]
    # One call, so that what depends on a batch depends on the result alone.
    vectors = embedder.embed(texts + [claims.passages[passage].text for passage in chosen])
    cosines = vectors[: len(texts)] @ vectors[len(texts) :].T
    best = np.argmax(cosines, axis=1)
    return [
        (place, float(min(1.0, max(-1.0, cosines[place, near]))), chosen[int(near)])
        for place, near in enumerate(best)
    ]

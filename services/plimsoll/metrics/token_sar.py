"""Sequence probability in which a token counts by how much the meaning hangs on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Self

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.cosines import STEPS_PER_TEXT
from plimsoll.metrics.token_reading import read_tokens, token_evidence, token_steps
from plimsoll.metrics.top_reading import settled
from plimsoll.ports.tools import Embedder, Tools

# One run of the model for each token.
MAX_TOKENS = 256
# Below this a model's rounding is all that moved.
_LEAST = 1e-9


class TokenSar:
    """exp(-S), S = sum of w_t (-log p_t), w_t = r_t / sum of r, r_t = 1 - cos(e(y), e(y less t)).

    The token-level shift of attention to relevance (Duan et al., arXiv:2307.01379), with an
    embedding model in place of the paper's cross-encoder and the response alone in place of
    request and response. Evidence is the token that counts most.
    """

    spec = MetricSpec(
        name="token_sar",
        version="1",
        family=Family.WHITE_BOX,
        summary="Sequence probability with tokens weighed by how much meaning hangs on them.",
        needs=(Need.TOKEN_LOGPROBS, Need.RESPONSE_TEXT, Need.EMBEDDING_MODEL),
        source="Duan et al., arXiv:2307.01379",
        cost=Cost.LOCAL_MODEL,
        raw_scale="tokenSAR, nats",
    )

    def __init__(self, model: Embedder | None = None) -> None:
        self._model = model

    @classmethod
    def with_tools(cls, tools: Tools) -> Self:
        """The metric with the model that is configured."""
        return cls(tools.embedder)

    def work(self, result: LlmResult) -> int:
        """One run of the model for each token."""
        tokens = result.response.tokens
        runs = 1 + (min(MAX_TOKENS, len(tokens.texts)) if tokens else 0)
        return token_steps(result) + (0 if self._model is None else STEPS_PER_TEXT * runs)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The weighed probability in [0, 1]; raw value is tokenSAR in nats."""
        if self._model is None:
            return Absence(AbsenceReason.NOT_CONFIGURED, "no embedding model is configured")
        reading = read_tokens(result.response)
        if isinstance(reading, Absence):
            return reading
        tokens = result.response.tokens
        assert tokens is not None  # noqa: S101 - they have been read
        if not tokens.texts:
            return Absence(AbsenceReason.INPUT_MISSING, "the tokens have no texts")
        if reading.count > MAX_TOKENS:
            detail = f"{reading.count} tokens for the embedding model, {MAX_TOKENS} allowed"
            return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
        relevance = _relevance(tokens.texts[reading.first :], self._model)
        total = math.fsum(relevance)
        if total == 0.0:
            detail = "the embedding model sees no meaning hang on any token"
            return Absence(AbsenceReason.NOT_APPLICABLE, detail)
        logprobs = tokens.logprobs[reading.first :]
        products = [-r * p for r, p in zip(relevance, logprobs, strict=True)]
        heaviest = relevance.index(max(relevance))
        sar = settled(math.fsum(products) / total)
        return Measurement(
            value=math.exp(-sar),
            raw_value=sar,
            evidence=(token_evidence(result, reading.first + heaviest),),
            provenance=(
                ("embedding_model", self._model.name),
                ("map", "exp(-s)"),
                *reading.provenance,
            ),
        )


def _relevance(texts: Sequence[str], model: Embedder) -> list[float]:
    """1 - cosine of the whole with the whole less each token, 0 where nothing changes."""
    pieces = ["".join(texts), *("".join([*texts[:t], *texts[t + 1 :]]) for t in range(len(texts)))]
    # Two tokens of which either may go leave the same text.
    distinct = {text: place for place, text in enumerate(dict.fromkeys(pieces))}
    vectors = model.embed(list(distinct))
    cosines = vectors @ vectors[0]
    losses = [1.0 - float(cosines[distinct[text]]) for text in pieces[1:]]
    return [loss if loss > _LEAST else 0.0 for loss in losses]

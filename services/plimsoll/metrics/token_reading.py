"""The log-probabilities of a response's tokens, checked and added up once for all metrics."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult, Pairs, Response
from plimsoll.domain.score import Evidence
from plimsoll.metrics.last import Last
from plimsoll.metrics.logprobs import logprobs_problem, origin_provenance


@dataclass(frozen=True, slots=True)
class TokenReading:
    """Log-probabilities in nats: their count, sum and mean, the lowest and its place."""

    count: int
    total: float
    mean: float
    lowest: float
    place: int
    provenance: Pairs


def read_tokens(response: Response) -> TokenReading | Absence:
    """The response's tokens, or why they give no number; the newest response is remembered."""
    return _last.of(response)


def read_tokens_anew(response: Response) -> TokenReading | Absence:
    """The same without remembering: for alternatives, which must not push the response out."""
    tokens = response.tokens
    if tokens is None or not tokens.logprobs:
        return Absence(AbsenceReason.INPUT_MISSING, "no log-probabilities; ask the model for them")
    problem = logprobs_problem(response, tokens)
    if problem is not None:
        return problem
    total = math.fsum(tokens.logprobs)
    lowest = min(tokens.logprobs)
    return TokenReading(
        count=len(tokens.logprobs),
        total=total,
        mean=total / len(tokens.logprobs),
        lowest=lowest,
        place=tokens.logprobs.index(lowest),
        provenance=origin_provenance(tokens),
    )


def token_steps(result: LlmResult) -> int:
    """Elementary steps of reading the response's tokens once."""
    tokens = result.response.tokens
    return 20 + (len(tokens.logprobs) // 2 if tokens else 0)


def token_evidence(result: LlmResult, place: int) -> Evidence:
    """A token of the response, by its place."""
    tokens = result.response.tokens
    text = tokens.texts[place] if tokens is not None and tokens.texts else ""
    return Evidence(kind="token", ref=f"response.tokens/{place}", text=text[:200])


_last = Last(read_tokens_anew)

"""The log-probabilities of a response's tokens, checked and added up once for all metrics."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.quick import quick
from plimsoll.domain.result import LlmResult, Pairs, Response, Tokens
from plimsoll.domain.score import Evidence, evidence
from plimsoll.metrics.last import Last
from plimsoll.metrics.logprobs import coverage_problem, logprobs_problem, origin_provenance
from plimsoll.metrics.spans import spans


@dataclass(frozen=True, slots=True)
class TokenReading:
    """Log-probabilities of the answer in nats: their count, sum and mean, the lowest, its place.

    Where the tokens are known to hold a reasoning trace too, the answer's begin at `first`.
    Places are those in the response's tokens.
    """

    first: int
    count: int
    total: float
    mean: float
    lowest: float
    place: int
    provenance: Pairs


_token_reading = quick(TokenReading)


def read_tokens(response: Response) -> TokenReading | Absence:
    """The answer's tokens, or why they give no number; the newest response is remembered."""
    return _last.of(response)


def read_tokens_anew(response: Response) -> TokenReading | Absence:
    """The same without remembering: for alternatives, which must not push the response out."""
    tokens = response.tokens
    if tokens is None or not tokens.logprobs:
        return Absence(AbsenceReason.INPUT_MISSING, "no log-probabilities; ask the model for them")
    problem = logprobs_problem(tokens)
    if problem is not None:
        return problem
    found = spans(response, tokens) if response.reasoning else None
    first = 0 if found is None else found.answer
    if first == len(tokens.logprobs):
        detail = "the tokens are those of the reasoning trace only"
        return Absence(AbsenceReason.INPUT_MISSING, detail)
    return coverage_problem(response, tokens.texts[first:]) or _reading(tokens, first)


def _reading(tokens: Tokens, first: int) -> TokenReading:
    logprobs = tokens.logprobs[first:]
    total = math.fsum(logprobs)
    lowest = min(logprobs)
    return _token_reading(
        first=first,
        count=len(logprobs),
        total=total,
        mean=total / len(logprobs),
        lowest=lowest,
        place=first + logprobs.index(lowest),
        provenance=(*origin_provenance(tokens), *((("tokens", "answer"),) if first else ())),
    )


def token_steps(result: LlmResult) -> int:
    """Elementary steps of reading the response's tokens once."""
    tokens = result.response.tokens
    if tokens is None:
        return 20
    trace = len(result.response.reasoning) // 10 + len(tokens.texts)
    return 20 + len(tokens.logprobs) // 2 + (trace if result.response.reasoning else 0)


def token_evidence(result: LlmResult, place: int) -> Evidence:
    """A token of the response, by its place."""
    tokens = result.response.tokens
    text = tokens.texts[place] if tokens is not None and tokens.texts else ""
    return evidence(kind="token", ref=f"response.tokens/{place}", text=text[:200])


_last = Last(read_tokens_anew)

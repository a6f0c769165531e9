"""Log-probabilities as they should be, or what is wrong with them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LogprobOrigin, Pairs, Response, Tokens


def logprobs_problem(tokens: Tokens) -> Absence | None:
    """`input_invalid` where one is -inf, above 0 or no number, or the columns disagree."""
    count = len(tokens.logprobs)
    if tokens.texts and len(tokens.texts) != count:
        return _invalid(f"{len(tokens.texts)} token texts for {count} log-probabilities")
    if not _proper(tokens.logprobs):
        return _invalid("a log-probability is -inf, above 0 or not a number")
    return None


def coverage_problem(response: Response, texts: Sequence[str]) -> Absence | None:
    """`truncated` where the tokens' texts are less than half of the response.

    The numbers of its beginning do not stand for all of it.
    """
    covered = sum(map(len, texts))
    if texts and 2 * covered < len(response.text):
        detail = f"tokens cover {covered} of {len(response.text)} characters"
        return Absence(AbsenceReason.TRUNCATED, detail)
    return None


def top_columns_problem(tokens: Tokens) -> Absence | None:
    """`input_invalid` where top alternatives and their counts disagree."""
    count = len(tokens.logprobs)
    counts = tokens.top_counts
    if counts and len(counts) != count:
        return _invalid(f"{len(counts)} counts of alternatives for {count} tokens")
    if counts and min(counts) < 0:
        return _invalid("a count of alternatives is negative")
    expected = sum(counts) if counts else tokens.top_k * count
    if len(tokens.top_logprobs) != expected:
        return _invalid(f"{len(tokens.top_logprobs)} top log-probabilities, {expected} expected")
    if tokens.top_texts and len(tokens.top_texts) != expected:
        return _invalid(f"{len(tokens.top_texts)} top texts, {expected} expected")
    return None


def origin_provenance(tokens: Tokens) -> Pairs:
    """Whose log-probabilities these are and how they were obtained."""
    origin = tokens.origin if tokens.origin is not LogprobOrigin.UNSPECIFIED else "undeclared"
    model = (("logprob_model", tokens.model[:128]),) if tokens.model else ()
    return (*model, ("logprob_origin", str(origin)))


def _proper(logprobs: tuple[float, ...]) -> bool:
    # The sum finds NaN and -inf, which `max` may step over.
    return not logprobs or (max(logprobs) <= 0.0 and math.isfinite(sum(logprobs)))


def _invalid(detail: str) -> Absence:
    return Absence(AbsenceReason.INPUT_INVALID, detail)

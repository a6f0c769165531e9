"""The log-probabilities of a result's alternatives, as far as they came with tokens."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import Alternative, LlmResult
from plimsoll.metrics.last import Last
from plimsoll.metrics.token_reading import TokenReading, read_tokens_anew


@dataclass(frozen=True, slots=True)
class Sampled:
    """An alternative and the reading of its tokens."""

    alternative: Alternative
    tokens: TokenReading


def read_sampled(result: LlmResult) -> tuple[Sampled, ...] | Absence:
    """The alternatives with tokens, in their order; those without are left out.

    `insufficient_samples` where none has tokens. One broken log-probability makes all of it
    `input_invalid`: to leave out what a provider would not give a number for, which is mostly
    what is improbable, would make the rest look better than it is.
    """
    return _last.of(result)


def alternative_tokens(result: LlmResult) -> tuple[TokenReading | Absence, ...]:
    """The tokens of each alternative, or why they give no number, read once."""
    return _last_tokens.of(result)


def sampled_steps(result: LlmResult) -> int:
    """Elementary steps of reading all alternatives' tokens."""
    tokens = [alternative.response.tokens for alternative in result.alternatives]
    return 50 + sum(20 + len(one.logprobs) // 2 for one in tokens if one is not None)


def _read(result: LlmResult) -> tuple[Sampled, ...] | Absence:
    found: list[Sampled] = []
    for alternative, reading in zip(result.alternatives, alternative_tokens(result), strict=True):
        if not isinstance(reading, Absence):
            found.append(Sampled(alternative, reading))
        elif reading.reason is AbsenceReason.INPUT_INVALID:
            detail = "the log-probabilities of an alternative are not in order"
            return Absence(AbsenceReason.INPUT_INVALID, detail)
    if not found:
        detail = "no alternative has log-probabilities; ask the model for them"
        return Absence(AbsenceReason.INSUFFICIENT_SAMPLES, detail)
    return tuple(found)


def _read_tokens(result: LlmResult) -> tuple[TokenReading | Absence, ...]:
    return tuple([read_tokens_anew(alternative.response) for alternative in result.alternatives])


_last = Last(_read)
_last_tokens = Last(_read_tokens)

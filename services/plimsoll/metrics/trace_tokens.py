"""How sure the model was along its reasoning trace (DeepConf, arXiv:2508.15260)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import LlmResult, Pairs, Tokens
from plimsoll.domain.score import Evidence
from plimsoll.metrics.last import Last
from plimsoll.metrics.spans import spans
from plimsoll.metrics.top_reading import Floats, read_top_alone, settled

# Tokens of a group and of the tail, as in the paper and its code.
WINDOW = 2_048


@dataclass(frozen=True, slots=True, eq=False)
class TraceReading:
    """Confidences C_t = -(1/k) sum of log p_t,j of the trace's tokens that have k alternatives.

    `places` are those of the tokens in the response; `groups` are the means of each WINDOW
    tokens in a row, or of all where there are fewer.
    """

    confidences: Floats
    places: Sequence[int]
    groups: Floats
    k: int
    provenance: Pairs
    flags: tuple[str, ...]

    def measured(self, confidence: float, evidence: tuple[Evidence, ...] = ()) -> Measurement:
        """A confidence C on the paper's scale and its map to [0, 1].

        The map is 1 - log k / C. It rises with C and is 0 for log k, the confidence of a token
        whose k alternatives are equally probable and share the whole probability.
        """
        raw = settled(confidence)
        least = math.log(self.k)
        return Measurement(
            value=1.0 - least / raw if raw > least else 0.0,
            raw_value=raw,
            evidence=evidence,
            provenance=(("map", "1-log(k)/c"), ("window", str(WINDOW)), *self.provenance),
            flags=self.flags,
        )

    def span(self, start: int, end: int) -> Evidence:
        """The tokens from one to before another, counted among those of the trace."""
        first, last = self.places[start], self.places[end - 1]
        return Evidence(kind="tokens", ref=f"response.tokens/{first}-{last}")


def read_trace_tokens(result: LlmResult) -> TraceReading | Absence:
    """The trace's confidences; an absence where the response's tokens do not hold the trace."""
    return _last.of(result)


def trace_steps(result: LlmResult) -> int:
    """Elementary steps of finding the trace among the tokens, and of its groups."""
    tokens = result.response.tokens
    if tokens is None:
        return 100
    texts = len(tokens.texts) + len(result.response.reasoning) // 10
    return 300 + len(tokens.top_logprobs) // 2 + texts


def _read(result: LlmResult) -> TraceReading | Absence:
    tokens = result.response.tokens
    if tokens is None:
        return Absence(AbsenceReason.INPUT_MISSING, "no log-probabilities; ask the model for them")
    top = read_top_alone(tokens)
    if isinstance(top, Absence):
        return top
    if tokens.texts and len(tokens.texts) != len(tokens.logprobs):
        detail = f"{len(tokens.texts)} token texts for {len(tokens.logprobs)} log-probabilities"
        return Absence(AbsenceReason.INPUT_INVALID, detail)
    span = _by_text(result, tokens) or _by_usage(result, tokens)
    if span is None:
        detail = "the tokens are not those of the reasoning trace"
        return Absence(AbsenceReason.INPUT_MISSING, detail)
    first, end = np.searchsorted(top.places, span).tolist()
    if first == end:
        detail = f"no token of the reasoning trace has {top.k} alternatives"
        return Absence(AbsenceReason.INPUT_MISSING, detail)
    excluded = span[1] - span[0] - (end - first)
    confidences = -top.mean_logprobs[first:end]
    return TraceReading(
        confidences=confidences,
        places=top.places[first:end].tolist(),
        groups=_groups(confidences),
        k=top.k,
        provenance=(("excluded_tokens", str(excluded)), ("k", str(top.k)), *top.origin),
        flags=_flags(excluded, len(confidences)),
    )


def _groups(confidences: Floats) -> Floats:
    if len(confidences) <= WINDOW:
        return np.array([confidences.mean()])
    sums = np.concatenate(([0.0], np.cumsum(confidences)))
    return (sums[WINDOW:] - sums[:-WINDOW]) / WINDOW


def _flags(excluded: int, count: int) -> tuple[str, ...]:
    left_out = ("tokens_excluded",) if excluded else ()
    short = ("trace_shorter_than_window",) if count < WINDOW else ()
    return left_out + short


def _by_text(result: LlmResult, tokens: Tokens) -> tuple[int, int] | None:
    found = spans(result.response, tokens)
    return None if found is None else found.trace


def _by_usage(result: LlmResult, tokens: Tokens) -> tuple[int, int] | None:
    """The first tokens, where the provider counted those of trace and answer together."""
    usage = result.usage
    if usage is None or usage.output_tokens != len(tokens.logprobs):
        return None
    reasoning = usage.reasoning_output_tokens or 0
    return (0, reasoning) if 0 < reasoning <= len(tokens.logprobs) else None


_last = Last(_read)

"""The top alternatives of a response's tokens as a table, worked out once for all metrics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult, Pairs, Response, Tokens, usual_count
from plimsoll.metrics.last import Last
from plimsoll.metrics.logprobs import origin_provenance, top_columns_problem
from plimsoll.metrics.token_reading import read_tokens

# 2 million alternatives take about a quarter of a second; a record of a mebibyte holds 130,000.
MAX_ALTERNATIVES = 2_000_000

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class TopReading:
    """Tokens that have k top alternatives, by place; those with fewer are left out and counted.

    Arrays have one entry for each such token: `entropies` in nats over the k, renormalised;
    `mean_logprobs` and `log_masses` are the mean of the k log-probabilities and the logarithm
    of the sum of the k probabilities. `margins`, of the best over the second, has one for each
    token with two alternatives, by `pair_places`. `count` is that of all tokens.
    """

    k: int
    places: Indices
    entropies: Floats
    mean_logprobs: Floats
    log_masses: Floats
    pair_places: Indices
    margins: Floats
    count: int
    origin: Pairs

    @property
    def excluded(self) -> int:
        """How many tokens have fewer than k alternatives."""
        return self.count - len(self.places)

    @property
    def provenance(self) -> Pairs:
        """What a number over these tokens rests on."""
        return (("excluded_tokens", str(self.excluded)), ("k", str(self.k)), *self.origin)

    @property
    def flags(self) -> tuple[str, ...]:
        """`tokens_excluded` where a token was left out."""
        return ("tokens_excluded",) if self.excluded else ()


def read_top(response: Response) -> TopReading | Absence:
    """The top alternatives of k for a response's tokens, or why they give no number."""
    top = read_pairs(response)
    return top if isinstance(top, Absence) else _with_k(top)


def read_pairs(response: Response) -> TopReading | Absence:
    """The same where two alternatives are enough, though no token has k."""
    return _last_answer.of(response)


def _read_answer(response: Response) -> TopReading | Absence:
    reading = read_tokens(response)
    if isinstance(reading, Absence):
        return reading
    tokens = response.tokens
    assert tokens is not None  # noqa: S101 - they have been read
    top = _last.of(tokens)
    if isinstance(top, Absence) or reading.first == 0:
        return top
    return _from(top, reading.first, reading.provenance)


def _from(top: TopReading, first: int, origin: Pairs) -> TopReading:
    """The tokens from one place on."""
    row, pair = (int(np.searchsorted(at, first)) for at in (top.places, top.pair_places))
    return TopReading(
        k=top.k,
        places=top.places[row:],
        entropies=top.entropies[row:],
        mean_logprobs=top.mean_logprobs[row:],
        log_masses=top.log_masses[row:],
        pair_places=top.pair_places[pair:],
        margins=top.margins[pair:],
        count=top.count - first,
        origin=origin,
    )


def read_top_alone(tokens: Tokens) -> TopReading | Absence:
    """The top alternatives whatever the tokens' own log-probabilities and the text are."""
    top = _last.of(tokens)
    return top if isinstance(top, Absence) else _with_k(top)


def _with_k(top: TopReading) -> TopReading | Absence:
    if len(top.places):
        return top
    return Absence(AbsenceReason.INPUT_MISSING, f"no token has {top.k} alternatives")


def top_steps(result: LlmResult) -> int:
    """Elementary steps of reading the top alternatives, which is done once for all metrics."""
    tokens = result.response.tokens
    return 200 + (len(tokens.top_logprobs) // 2 if tokens else 0)


def settled(number: float) -> float:
    """Rounded to twelve decimals, which exponentials of every vector unit agree on."""
    return round(float(number), 12)


def _read(tokens: Tokens) -> TopReading | Absence:
    size = len(tokens.top_logprobs)
    if size > MAX_ALTERNATIVES:
        detail = f"{size} top log-probabilities, {MAX_ALTERNATIVES} allowed"
        return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
    if not size:
        return Absence(AbsenceReason.INPUT_MISSING, "no top alternatives of tokens; ask for them")
    problem = top_columns_problem(tokens)
    if problem is not None:
        return problem
    flat = np.array(tokens.top_logprobs, dtype=np.float64)
    # The sum finds NaN and -inf, which a maximum may step over.
    # Where it overflows, they are no log-probabilities either, and nobody has to be warned.
    with np.errstate(over="ignore"):
        total = flat.sum()
    if not (flat.max() <= 0.0 and np.isfinite(total)):
        detail = "a top log-probability is -inf, above 0 or not a number"
        return Absence(AbsenceReason.INPUT_INVALID, detail)
    k = tokens.top_k or usual_count(tokens.top_counts)
    if k < 2:
        return Absence(AbsenceReason.INPUT_MISSING, "needs 2 alternatives a token or more")
    return _reading(tokens, flat, k)


def _reading(tokens: Tokens, flat: Floats, k: int) -> TopReading:
    width = _common_width(tokens)
    if width is not None:
        whole = _even_table(flat, width)
        places = np.arange(len(whole) if width >= k else 0)
        pair_places = np.arange(len(whole) if width > 1 else 0)
        table, pairs = whole[: len(places), :k], whole[: len(pair_places), :2]
    else:
        counts = np.array(tokens.top_counts)
        ordered = _best_first(flat, counts)
        places, table = _rows(ordered, counts, k)
        pair_places, pairs = _rows(ordered, counts, 2)
    # Relative to the best, so that no exponential of the best one underflows.
    best = table[:, :1]
    shifted = table - best
    weights = np.exp(shifted)
    totals = weights.sum(axis=1)
    log_totals = np.log(totals)
    likely = np.exp(pairs)
    return TopReading(
        k=k,
        places=places,
        # -sum q log q with q = w / total and log q = shifted - log total.
        entropies=np.maximum(0.0, log_totals - (weights * shifted).sum(axis=1) / totals),
        mean_logprobs=table.mean(axis=1),
        log_masses=best[:, 0] + log_totals,
        pair_places=pair_places,
        margins=likely[:, 0] - likely[:, -1],
        count=len(tokens.logprobs),
        origin=origin_provenance(tokens),
    )


def _common_width(tokens: Tokens) -> int | None:
    """How many alternatives every token has, where it is the same number."""
    counts = tokens.top_counts
    if not counts:
        return tokens.top_k
    return counts[0] if min(counts) == max(counts) else None


def _even_table(flat: Floats, width: int) -> Floats:
    table = flat.reshape(-1, width)
    # The contract says best first; who sends them otherwise gets the same number.
    if (table[:, 1:] > table[:, :-1]).any():
        return -np.sort(-table, axis=1)
    return table


def _best_first(flat: Floats, counts: Indices) -> Floats:
    owners = np.repeat(np.arange(len(counts)), counts)
    if ((flat[1:] > flat[:-1]) & (owners[1:] == owners[:-1])).any():
        return flat[np.lexsort((-flat, owners))]
    return flat


def _rows(flat: Floats, counts: Indices, k: int) -> tuple[Indices, Floats]:
    """Places of the tokens with k alternatives or more, and the best k of each."""
    places = np.flatnonzero(counts >= k)
    if not len(places):
        return places, np.empty((0, 2))
    starts = (np.cumsum(counts) - counts)[places]
    return places, flat[starts[:, None] + np.arange(k)]


_last = Last(_read)
_last_answer = Last(_read_answer)

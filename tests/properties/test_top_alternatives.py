"""The table of top alternatives against the same figures worked out one token at a time."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import Response, Tokens
from plimsoll.metrics.top_reading import read_pairs, read_top

LOGPROBS = st.floats(-30.0, 0.0)
TABLES = st.integers(2, 20).flatmap(
    lambda k: st.lists(st.lists(LOGPROBS, min_size=0, max_size=k + 2), min_size=1, max_size=12).map(
        lambda rows: (k, rows)
    )
)


def tokens_of(k: int, rows: list[list[float]]) -> Tokens:
    """Tokens with these alternatives."""
    return Tokens(
        logprobs=(-0.1,) * len(rows),
        top_k=k,
        top_counts=tuple(map(len, rows)),
        top_logprobs=tuple(value for row in rows for value in row),
    )


def entropy(logprobs: list[float]) -> float:
    """-sum q log q by its definition."""
    weights = [math.exp(value) for value in logprobs]
    shares = [weight / math.fsum(weights) for weight in weights]
    return -math.fsum(share * math.log(share) for share in shares if share > 0.0)


@given(table=TABLES)
def test_each_token_has_the_figures_of_its_best_k(table: tuple[int, list[list[float]]]) -> None:
    """Entropy, mean, mass and margin are those of the k best, token by token, in any order."""
    k, rows = table
    best = {place: sorted(row)[::-1] for place, row in enumerate(rows)}
    whole = {place: row[:k] for place, row in best.items() if len(row) >= k}
    top = read_top(Response(text="", tokens=tokens_of(k, rows)))
    if not whole:
        assert isinstance(top, Absence)
        assert top.reason is AbsenceReason.INPUT_MISSING
        return
    assert not isinstance(top, Absence)
    assert (top.k, top.count, top.excluded) == (k, len(rows), len(rows) - len(whole))
    assert top.places.tolist() == list(whole)
    for found, row in zip(top.entropies.tolist(), whole.values(), strict=True):
        assert found == pytest.approx(entropy(row), abs=1e-9)
    for found, row in zip(top.mean_logprobs.tolist(), whole.values(), strict=True):
        assert found == pytest.approx(math.fsum(row) / k, abs=1e-9)
    for found, row in zip(top.log_masses.tolist(), whole.values(), strict=True):
        assert found == pytest.approx(math.log(math.fsum(map(math.exp, row))), abs=1e-9)


@given(table=TABLES)
def test_margins_need_two(table: tuple[int, list[list[float]]]) -> None:
    """Each token with two alternatives or more has the lead of its best over its second."""
    k, rows = table
    expected = [
        math.exp(row[0]) - math.exp(row[1])
        for row in (sorted(row)[::-1] for row in rows)
        if len(row) >= 2
    ]
    pairs = read_pairs(Response(text="", tokens=tokens_of(k, rows)))
    if not any(rows):
        assert isinstance(pairs, Absence)
        return
    assert not isinstance(pairs, Absence)
    assert pairs.margins.tolist() == pytest.approx(expected, abs=1e-12)


def test_metrics_in_a_row_share_one_table() -> None:
    """The same response is worked out once, an equal one anew."""
    response = Response(text="", tokens=tokens_of(2, [[-0.1, -3.0]]))
    assert read_top(response) is read_top(response)
    other = Response(text="", tokens=tokens_of(2, [[-0.1, -3.0]]))
    assert read_top(other) is not read_top(response)

"""Entropies over clusters of responses that mean the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache


def cluster_entropy(sizes: Sequence[int]) -> float:
    """-sum of p log p in nats over cluster sizes; the order of clusters does not matter."""
    total = sum(sizes)
    terms = [size / total * math.log(size / total) for size in sizes]
    return max(0.0, -math.fsum(terms))


def coverage(sizes: Sequence[int]) -> float:
    """Good's estimate of the probability that another sample means what one did: 1 - f1 / n.

    f1 is how many meanings occur once; where all do, n - 1 stands for it (Chao & Shen, 2003).
    """
    total = sum(sizes)
    once = sum([size == 1 for size in sizes])
    return 1.0 - (total - 1 if once == total else once) / total


@lru_cache(maxsize=4_096)
def coverage_adjusted_entropy(sizes: tuple[int, ...]) -> float:
    """The Chao-Shen estimate of entropy in nats: sizes weigh for meanings not seen as well.

    -sum of q log q / (1 - (1 - q)^n) with q = coverage * size / n
    (Chao & Shen, Environmental and Ecological Statistics 10, 2003; arXiv:2509.14478).
    """
    total = sum(sizes)
    share = coverage(sizes) / total
    terms = [_seen(share * size, total) for size in sizes]
    return max(0.0, math.fsum(terms))


def _seen(probability: float, draws: int) -> float:
    """A meaning's part, by the chance that so many draws show it at all (Horvitz-Thompson)."""
    if probability >= 1.0:
        return 0.0
    shown = -math.expm1(draws * math.log1p(-probability))
    return -probability * math.log(probability) / shown


def weighted_entropy(labels: Sequence[str], log_likelihoods: Sequence[float]) -> float:
    """-sum of P log P in nats over the clusters' shares of probability.

    (Kuhn et al., arXiv:2302.09664; `rao` in the code of Farquhar et al.). The order of
    responses does not matter.
    """
    shares = probability_shares(labels, log_likelihoods)
    # A share that is too small for a number adds nothing.
    return max(0.0, -math.fsum([share * math.log(share) for share in shares if share > 0.0]))


def probability_shares(labels: Sequence[str], log_likelihoods: Sequence[float]) -> list[float]:
    """P(C) = sum over C of exp(l_i) / sum over all of exp(l_j), clusters as they first occur."""
    best = max(log_likelihoods)
    weights: dict[str, list[float]] = {}
    for label, log_likelihood in zip(labels, log_likelihoods, strict=True):
        weights.setdefault(label, []).append(math.exp(log_likelihood - best))
    masses = [math.fsum(part) for part in weights.values()]
    total = math.fsum(masses)
    return [mass / total for mass in masses]

"""Responses as a weighted graph, and what its spectrum says (Lin et al., arXiv:2305.19187)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.metric import Measurement, measurement
from plimsoll.domain.quick import quick
from plimsoll.domain.result import Pairs
from plimsoll.metrics.last import Last
from plimsoll.metrics.reading import Reading

# Eigenvectors of the Laplacian below this eigenvalue tell clusters apart (Lin et al., section 4).
THRESHOLD = 0.9
# The heat kernel's time (Nikitin et al., arXiv:2405.20003).
DIFFUSION = 0.3
# Rounding must not carry an eigenvalue over the threshold on one machine and not on another.
_SLACK = 1e-9
# Processors sum in different orders; what they disagree on is rounded away.
_DECIMALS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """N responses on K nodes in a fixed order; responses on one node are alike altogether.

    `weights` has shape (K, K), symmetric, in [0, 1], with ones on the diagonal; `counts` has the
    responses of each node, `degrees` the sum of its weights to all N, itself among them, both of
    shape (K,); `delivered` is the node of the delivered response.
    """

    weights: NDArray[np.float64]
    counts: NDArray[np.float64]
    degrees: NDArray[np.float64]
    n: int
    delivered: int
    provenance: Pairs
    flags: tuple[str, ...]


_graph_of = quick(Graph)


def graph(
    *,
    affinity: str,
    weights: NDArray[np.float64],
    counts: Sequence[int],
    delivered: int,
    reading: Reading,
    provenance: Pairs,
) -> Graph:
    """A graph of weights and counts; the provenance is that of the weights."""
    sizes = np.array(counts, dtype=np.float64)
    return _graph_of(
        weights=weights,
        counts=sizes,
        degrees=weights @ sizes,
        n=sum(counts),
        delivered=delivered,
        provenance=(("affinity", affinity), *provenance, ("response_included", "yes")),
        flags=reading.flags,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Eigenvalues of D^-1/2 W D^-1/2, shape (K,), and its eigenvectors in columns.

    The matrix of all N responses has these and N - K zeros: responses on one node have equal
    rows. An eigenvector's entry for a response is the node's by the root of the node's count.
    """

    values: NDArray[np.float64]
    vectors: NDArray[np.float64]


_spectrum_of = quick(Spectrum)


def spectrum(of: Graph) -> Spectrum:
    """The spectrum of a graph, made once for the metrics of one result."""
    return _last.of(of)


def _spectrum(of: Graph) -> Spectrum:
    scale = np.sqrt(of.counts / of.degrees)
    values, vectors = np.linalg.eigh(of.weights * scale[:, None] * scale)
    return _spectrum_of(values, vectors)


_last = Last(_spectrum)


def mean_similarity(of: Graph) -> Measurement:
    """Mean weight over all pairs of N responses, which is its raw value too."""
    n = of.n
    mean = float(of.counts @ of.degrees - n) / (n * (n - 1.0))
    return _measured(of, mean, mean)


def degree(of: Graph) -> Measurement:
    """C_Deg = D_jj / N of the delivered response; raw value is U_Deg = trace(N I - D) / N^2."""
    n, degrees = of.n, of.degrees
    uncertainty = 1.0 - float(of.counts @ degrees) / n**2
    return _measured(of, float(degrees[of.delivered]) / n, uncertainty)


def eigenvalue(of: Graph) -> Measurement:
    """(N - U) / (N - 1); raw value is U = sum of max(0, 1 - l_k), with l_k of the Laplacian.

    U is the number of meanings, made continuous.
    """
    return _counted(of, float(np.maximum(0.0, spectrum(of).values).sum()))


def eigenvalue_of_definite(of: Graph) -> Measurement:
    """The same where no eigenvalue of the weights is negative: then U = trace(D^-1/2 W D^-1/2).

    Jaccard similarities are such weights (Bouchard et al., Int. J. Approx. Reasoning 54, 2013).
    """
    # Ones stand on the diagonal of W; exact summation is the same in any order.
    return _counted(of, math.fsum((of.counts / of.degrees).tolist()))


def _counted(of: Graph, meanings: float) -> Measurement:
    n = of.n
    return _measured(of, (n - meanings) / (n - 1.0), meanings)


def eccentricity(of: Graph) -> Measurement:
    """1 - the delivered response's distance from the centre; raw value is U_Ecc of all responses.

    A response's place is its row of the Laplacian's eigenvectors below the threshold.
    """
    found = spectrum(of)
    # The Laplacian's eigenvalue is 1 - the matrix's, which ascend: the last ones are kept.
    below = np.count_nonzero(1.0 - found.values < THRESHOLD - _SLACK)
    kept = found.vectors[:, len(found.values) - below :]
    places = kept / np.sqrt(of.counts)[:, None]
    centred = places - of.counts @ places / of.n
    squares = np.add.reduce(centred * centred, axis=1)
    distance = math.sqrt(float(squares[of.delivered]))
    uncertainty = math.sqrt(float(of.counts @ squares))
    return _measured(of, 1.0 - distance, uncertainty, (("eigenvalue_threshold", str(THRESHOLD)),))


def kernel_entropy(of: Graph) -> Measurement:
    """1 - H / log N; raw value is the von Neumann entropy H = -tr(K log K) in nats.

    K = exp(-t L) / trace, with the Laplacian L = D - W (Nikitin et al., arXiv:2405.20003).
    """
    root, degrees = np.sqrt(of.counts), of.degrees
    between = 0.0 - of.weights * root[:, None] * root
    between.reshape(-1)[:: len(root) + 1] += degrees
    values = np.linalg.eigvalsh(between)
    heat = np.exp(-DIFFUSION * values)
    # Responses on one node differ by vectors whose eigenvalue is the node's degree.
    within = np.exp(-DIFFUSION * degrees) * (of.counts - 1.0)
    trace = float(np.add.reduce(heat) + np.add.reduce(within))
    # -log of an eigenvalue of K is t times that of L, and the logarithm of the trace.
    mean = float(heat @ values + within @ degrees) / trace
    entropy = max(0.0, DIFFUSION * mean + math.log(trace))
    return _measured(
        of,
        1.0 - entropy / math.log(of.n),
        entropy,
        (("diffusion_time", str(DIFFUSION)), ("log_base", "e")),
    )


def _measured(of: Graph, confidence: float, uncertainty: float, facts: Pairs = ()) -> Measurement:
    return measurement(
        value=round(min(1.0, max(0.0, confidence)), _DECIMALS),
        raw_value=round(max(0.0, uncertainty), _DECIMALS),
        provenance=(*of.provenance, *facts),
        flags=of.flags,
    )

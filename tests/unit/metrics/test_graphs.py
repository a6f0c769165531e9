"""Responses as a graph: golden vectors, and repeated responses without their rows."""

from __future__ import annotations

import random

import numpy as np
import pytest
from numpy.typing import NDArray

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Measurement
from plimsoll.metrics.degree_jaccard import DegreeJaccard
from plimsoll.metrics.eccentricity_jaccard import EccentricityJaccard
from plimsoll.metrics.eigenvalue_jaccard import EigenvalueJaccard
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.graphs import (
    DIFFUSION,
    Graph,
    degree,
    eccentricity,
    eigenvalue,
    eigenvalue_of_definite,
    graph,
    kernel_entropy,
    mean_similarity,
    spectrum,
)
from plimsoll.metrics.jaccard import MAX_NODES, jaccard_graph, similarities
from plimsoll.metrics.jaccard_similarity import JaccardSimilarity
from plimsoll.metrics.kernel_language_entropy_jaccard import KernelLanguageEntropyJaccard
from plimsoll.metrics.reading import Reading, read
from plimsoll.ports.metric import Metric
from tests.unit.metrics.results import result

GOLDEN = np.array([[1, 0.8, 0.2], [0.8, 1, 0.1], [0.2, 0.1, 1]])
ALL: list[Metric] = [
    DegreeJaccard(),
    EccentricityJaccard(),
    EigenvalueJaccard(),
    JaccardSimilarity(),
    KernelLanguageEntropyJaccard(),
]


def golden(
    weights: NDArray[np.float64], counts: list[int] | None = None, delivered: int = 0
) -> Graph:
    """A graph whose responses nobody has to read."""
    reading = read(result("a", samples=["b"]))
    assert isinstance(reading, Reading)
    return graph(
        affinity="golden",
        weights=weights,
        counts=counts or [1] * len(weights),
        delivered=delivered,
        reading=reading,
        provenance=(),
    )


def test_degree_of_the_golden_graph() -> None:
    """D is [2, 1.9, 1.3], U_Deg .422222222, and C_Deg [.666667, .633333, .433333]."""
    found = [degree(golden(GOLDEN, delivered=j)) for j in range(3)]
    assert found[0].raw_value == pytest.approx(0.422222222, abs=1e-9)
    assert [f.value for f in found] == pytest.approx([0.666667, 0.633333, 0.433333], abs=1e-6)
    assert [3 * f.value for f in found] == pytest.approx([2.0, 1.9, 1.3], abs=1e-9)


def test_eigenvalues_of_the_golden_graph() -> None:
    """[0, .303910089, .900543352]: 1.795546558 meanings of three, a confidence of .602227."""
    laplacian = sorted(1.0 - spectrum(golden(GOLDEN)).values)
    assert laplacian == pytest.approx([0.0, 0.303910089, 0.900543352], abs=1e-9)
    found = eigenvalue(golden(GOLDEN))
    assert found.raw_value == pytest.approx(1.795546558, abs=1e-9)
    assert found.value == pytest.approx((3 - 1.795546558) / 2, abs=1e-9)


def test_a_definite_graph_needs_no_spectrum_for_its_meanings() -> None:
    """Over graphs of shared words the trace is the sum of eigenvalues that are not negative."""
    draw = random.Random(11)
    for _ in range(200):
        samples = [" ".join(draw.choices("abcdefgh", k=draw.randint(1, 6))) for _ in range(9)]
        found = jaccard_graph(result(samples[0], samples=samples[1:]))
        assert isinstance(found, Graph)
        assert spectrum(found).values.min() > -1e-12
        short, full = eigenvalue_of_definite(found), eigenvalue(found)
        assert short.value == pytest.approx(full.value, abs=1e-11)
        assert short.raw_value == pytest.approx(full.raw_value, abs=1e-11)


def test_eccentricity_of_the_golden_graph() -> None:
    """Two eigenvectors lie below .9: U_Ecc 1.000157402, C_Ecc -.3566, -.4582 and -.8144."""
    found = [eccentricity(golden(GOLDEN, delivered=j)) for j in range(3)]
    assert found[0].raw_value == pytest.approx(1.000157402, abs=1e-9)
    distances = [1.0 - f.value for f in found]
    assert distances == pytest.approx([0.356578663, 0.458199182, 0.814383200], abs=1e-9)
    assert dict(found[0].provenance)["eigenvalue_threshold"] == "0.9"


def test_kernel_entropy_is_that_of_the_matrix_exponential() -> None:
    """exp(-t L) / trace, by its series, has the entropy that the spectrum gives."""
    laplacian = np.diag(GOLDEN.sum(axis=1)) - GOLDEN
    kernel, term = np.eye(3), np.eye(3)
    for order in range(1, 40):
        term = term @ (-DIFFUSION * laplacian) / order
        kernel = kernel + term
    shares = np.linalg.eigvalsh(kernel / np.trace(kernel))
    expected = -float((shares * np.log(shares)).sum())
    found = kernel_entropy(golden(GOLDEN))
    assert found.raw_value == pytest.approx(expected, abs=1e-9)
    assert found.value == pytest.approx(1 - expected / np.log(3), abs=1e-9)


@pytest.mark.parametrize(
    "measure", [degree, eigenvalue, eccentricity, kernel_entropy, mean_similarity]
)
def test_a_node_with_a_count_is_as_many_rows(measure: object) -> None:
    """Three nodes with counts 2, 1 and 3 measure as the graph of all six responses."""
    assert callable(measure)
    rows = np.repeat([0, 1, 2], [2, 1, 3])
    whole = GOLDEN[np.ix_(rows, rows)]
    short = measure(golden(GOLDEN, [2, 1, 3], delivered=1))
    full = measure(golden(whole, delivered=2))
    assert short.value == pytest.approx(full.value, abs=1e-9)
    assert short.raw_value == pytest.approx(full.raw_value, abs=1e-9)


def test_jaccard_weights_are_shared_words_of_all_words() -> None:
    """`a b c` and `b c d` share two words of four; case and order do not matter."""
    found = jaccard_graph(result("x y z", samples=["Z, w y", "v"]))
    assert isinstance(found, Graph)
    assert sorted(set(found.weights.ravel().tolist())) == [0.0, 0.5, 1.0]
    assert found.provenance[0] == ("affinity", "jaccard")


def test_shared_words_are_counted_over_tables_of_any_width() -> None:
    """Two sets of 6,000 words that share 3,000 are alike by a third, however they are cut."""
    one = frozenset(f"w{number}" for number in range(6_000))
    other = frozenset(f"w{number}" for number in range(3_000, 9_000))
    assert similarities([one, other]).tolist() == [[1.0, 1 / 3], [1 / 3, 1.0]]


def test_responses_without_a_word_are_alike_only_if_they_are_the_same() -> None:
    """Dots, other dots and a word: three nodes that share nothing; the same dots are one node."""
    found = jaccard_graph(result("...", samples=["?!", "x", "..."]))
    assert isinstance(found, Graph)
    assert found.weights.tolist() == np.eye(3).tolist()
    assert sorted(found.counts.tolist()) == [1.0, 1.0, 2.0]


def test_jaccard_similarity_is_the_mean_of_all_pairs() -> None:
    """One pair shares half of its words, two share none: 1/6."""
    found = JaccardSimilarity().compute(result("x y z", samples=["z w y", "v"]))
    assert isinstance(found, Measurement)
    assert found.value == pytest.approx(1 / 6, abs=1e-9)


def test_an_outlier_is_less_central_than_the_others() -> None:
    """The delivered response that shares no word scores lower than one that the others repeat."""
    samples = ["in paris", "paris", "it is paris"]
    for metric in (DegreeJaccard(), EccentricityJaccard()):
        near = evaluate(metric, result("paris", samples=samples)).value
        far = evaluate(metric, result("rome", samples=samples)).value
        assert near is not None
        assert far is not None
        assert near > far


@pytest.mark.parametrize("metric", ALL)
def test_responses_without_words_are_alike_only_if_they_are_the_same(metric: Metric) -> None:
    """`?` repeated scores higher than `?` among `!`."""
    same = evaluate(metric, result("?", samples=["?", "?"])).value
    other = evaluate(metric, result("?", samples=["!", "..."])).value
    assert same is not None
    assert other is not None
    assert same > other


@pytest.mark.parametrize("metric", ALL)
def test_no_alternative_is_insufficient_samples(metric: Metric) -> None:
    """Without an alternative there is no graph."""
    absence = evaluate(metric, result()).absence
    assert absence is not None
    assert absence.reason is AbsenceReason.INSUFFICIENT_SAMPLES


@pytest.mark.parametrize("metric", ALL)
def test_few_samples_are_flagged_and_the_affinity_is_named(metric: Metric) -> None:
    """Four alternatives give `low_sample`; the provenance says that edges are shared words."""
    score = evaluate(metric, result(samples=["x y"] * 4))
    assert "low_sample" in score.flags
    assert ("affinity", "jaccard") in score.provenance


@pytest.mark.parametrize("metric", ALL)
def test_too_many_different_responses_are_too_large(metric: Metric) -> None:
    """The table of pairs is bounded."""
    outcome = metric.compute(result(samples=[f"answer {n}" for n in range(MAX_NODES + 1)]))
    assert isinstance(outcome, Absence)
    assert outcome.reason is AbsenceReason.INPUT_TOO_LARGE


def test_many_words_are_counted_exactly() -> None:
    """Two texts of 10,000 words share 5,000 of 15,000."""
    one = " ".join(f"w{n}" for n in range(10_000))
    other = " ".join(f"w{n}" for n in range(5_000, 15_000))
    found = JaccardSimilarity().compute(result(one, samples=[other]))
    assert isinstance(found, Measurement)
    assert found.value == pytest.approx(1 / 3, abs=1e-9)

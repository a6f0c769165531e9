"""Responses as a graph whose edges an entailment model weighs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import permutations

import numpy as np

from plimsoll.domain.absence import Absence
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.graphs import Graph, graph
from plimsoll.metrics.inference import infer
from plimsoll.ports.tools import Entailment, EntailmentModel


def entailment_affinity(answer: Entailment) -> float:
    """p_e (Lin et al., arXiv:2305.19187)."""
    return answer.entails


def graded_affinity(answer: Entailment) -> float:
    """p_e + p_n / 2: what is neither entailed nor contradicted is half alike (arXiv:2405.20003)."""
    return answer.entails + answer.neutral / 2


def entailment_graph(
    result: LlmResult, model: EntailmentModel | None, affinity: Callable[[Entailment], float]
) -> Graph | Absence:
    """Nodes are different answers; an edge weighs the mean affinity of both directions."""
    inference = infer(result, model)
    if isinstance(inference, Absence):
        return inference
    size = len(inference.texts)
    answers = inference.judge(permutations(range(size), 2))
    if isinstance(answers, Absence):
        return answers
    weights = np.eye(size)
    for (premise, hypothesis), answer in answers.items():
        # Rounding may carry a probability a hair over 1.
        weights[premise, hypothesis] = min(1.0, max(0.0, affinity(answer)))
    frequency = Counter(inference.nodes)
    return graph(
        affinity=affinity.__name__.removesuffix("_affinity"),
        weights=(weights + weights.T) / 2,
        counts=[frequency[node] for node in range(size)],
        delivered=inference.nodes[0],
        reading=inference.reading,
        provenance=inference.provenance,
    )

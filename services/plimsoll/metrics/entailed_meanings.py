"""Which responses mean the same by an entailment model: both entail each other."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.metrics.equivalence import Meanings, meanings
from plimsoll.metrics.inference import Inference, too_many
from plimsoll.ports.tools import Entailment


def greedy_meanings(inference: Inference) -> Meanings | Absence:
    """Each response joins the first cluster whose first member and it entail each other.

    One cluster for each response, and both directions must entail (Kuhn et al.,
    arXiv:2302.09664). The most frequent answers come first, whatever the order of samples.
    """
    size = len(inference.texts)
    # In the worst case every answer is a cluster; whether it is decides nothing about the bound.
    problem = too_many(size * (size - 1))
    if problem is not None:
        return problem
    firsts: list[int] = []
    cluster: list[int] = []
    for node in range(size):
        answers = inference.judge(
            pair for first in firsts for pair in ((first, node), (node, first))
        )
        if isinstance(answers, Absence):
            return answers
        joined = (
            place
            for place, first in enumerate(firsts)
            if entailed(answers[first, node]) and entailed(answers[node, first])
        )
        place = next(joined, len(firsts))
        if place == len(firsts):
            firsts.append(node)
        cluster.append(place)
    return _meanings(inference, "mutual-entailment-greedy", cluster)


def connected_meanings(inference: Inference) -> Meanings | Absence:
    """Connected components of the graph with an edge where two entail each other (Lin et al.)."""
    size = len(inference.texts)
    pairs = [(one, other) for one in range(size) for other in range(size) if one != other]
    answers = inference.judge(pairs)
    if isinstance(answers, Absence):
        return answers
    root = list(range(size))
    for one, other in pairs:
        if one < other and entailed(answers[one, other]) and entailed(answers[other, one]):
            low, high = sorted((root[one], root[other]))
            root = [low if found == high else found for found in root]
    return _meanings(inference, "mutual-entailment-connected", root)


def entailed(answer: Entailment) -> bool:
    """Whether entailment is the likeliest of the three."""
    return answer.entails > max(answer.neutral, answer.contradicts)


def _meanings(inference: Inference, rule: str, cluster: list[int]) -> Meanings:
    of_text = {
        answer: str(cluster[node])
        for answer, node in zip(inference.reading.answers, inference.nodes, strict=True)
    }
    return meanings(inference.reading, rule, lambda _: [of_text[i] for i in range(len(of_text))])

"""The same inputs to our metrics and to the peers' functions of the same definition."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import Alternative, LlmResult, Response, TaskKind, Tokens
from plimsoll.metrics.registry import registered_metrics
from tests.support.peers import peer

SAMPLES = 10
TOKENS = 64
TOP = 15
# Three words are a text of 16 characters. They have no vowel: a stemmer looks at them, as at any
# words of that length, and leaves them as they are.
LENGTHS = (5, 5, 4)
LETTERS = "bcdfghjklmnpqrtvwx"

# So many times as fast as a peer's function.
AIMED_RATIO = 10.0

Values = list[tuple[float, ...]]


@dataclass(frozen=True)
class Inputs:
    """Results, and the same data as the peers take it."""

    results: Sequence[LlmResult]
    texts: list[list[str]]
    logprobs: list[list[dict[str, Any]]]


@dataclass(frozen=True)
class Contest:
    """Two functions that must give the same numbers for every result."""

    name: str
    against: str
    ours: Callable[[], Values]
    theirs: Callable[[], Values]


def inputs(count: int) -> Inputs:
    """So many results with 10 texts of 16 characters, and 64 tokens with their top 15."""
    draw = random.Random(2_305_19187)
    texts = [_texts(draw) for _ in range(count)]
    tops = [_tops(draw) for _ in range(count)]
    return Inputs(
        results=[_result(row, top) for row, top in zip(texts, tops, strict=True)],
        texts=texts,
        logprobs=[
            [
                {"token": "x", "logprob": top[0], "top_logprobs": [{"logprob": p} for p in top]}
                for top in row
            ]
            for row in tops
        ],
    )


def contests(given: Inputs) -> list[Contest]:
    """What the peers have that we define as they do; their batches get all results at once."""
    return [*_by_samples(given), *_by_tokens(given)]


def _by_samples(given: Inputs) -> Iterator[Contest]:
    """lm-polygraph on the texts: each of four estimators, and all four together.

    Like against like: either side starts from the texts, and its time includes words and
    similarities. Together we read a result once and make its graph once. Alone, words and
    similarities are nearly all of `degree` and `eigenvalue`, and LAPACK half of the rest of
    `eccentricity`.
    """
    folder, alike = "lm_polygraph.estimators", {"similarity_score": "Jaccard_score"}
    estimators = {
        "lexical_similarity": peer(f"{folder}.lexical_similarity", "LexicalSimilarity")("rougeL"),
        "degree_jaccard": peer(f"{folder}.deg_mat", "DegMat")(**alike),
        "eigenvalue_jaccard": peer(f"{folder}.eig_val_laplacian", "EigValLaplacian")(**alike),
        "eccentricity_jaccard": peer(f"{folder}.eccentricity", "Eccentricity")(**alike),
    }

    def contest(name: str, metrics: Sequence[str]) -> Contest:
        def theirs() -> Values:
            stats = {"sample_texts": given.texts}
            # Theirs is an uncertainty: ROUGE-L with a minus.
            signs = [-1.0 if metric == "lexical_similarity" else 1.0 for metric in metrics]
            rows = zip(*(estimators[metric](stats) for metric in metrics), strict=True)
            return [tuple(s * v for s, v in zip(signs, row, strict=True)) for row in rows]

        return Contest(name, "lm-polygraph", _ours(given, metrics), theirs)

    yield contest("rouge_l", ["lexical_similarity"])
    yield contest("degree", ["degree_jaccard"])
    yield contest("eigenvalue", ["eigenvalue_jaccard"])
    yield contest("eccentricity", ["eccentricity_jaccard"])
    yield contest("consistency", list(estimators))


def _by_tokens(given: Inputs) -> Iterator[Contest]:
    """Uqlm on log-probabilities of tokens, on those of their alternatives, and on both together.

    Of `token_logprobs` they take a mean and a minimum of 64 numbers, as they are given. We sum
    exactly, look for what is no log-probability, and name the least probable token as evidence.
    """
    single = peer("uqlm.white_box.single_logprobs", "SingleLogprobsScorer")()
    top = peer("uqlm.white_box.top_logprobs", "TopLogprobsScorer")(top_k_logprobs=TOP)

    def contest(name: str, scorers: Mapping[Any, Mapping[str, str]]) -> Contest:
        def theirs() -> Values:
            found = [(scorer.evaluate(given.logprobs), names) for scorer, names in scorers.items()]
            columns = [values[theirs] for values, names in found for theirs in names.values()]
            return list(zip(*columns, strict=True))

        ours = [metric for names in scorers.values() for metric in names]
        return Contest(name, "uqlm", _ours(given, ours), theirs)

    tokens = {
        "min_token_probability": "min_probability",
        "sequence_probability": "sequence_probability",
    }
    alternatives = {
        "mean_token_entropy": "mean_token_negentropy",
        "max_token_entropy": "min_token_negentropy",
        "probability_margin": "probability_margin",
    }
    yield contest("token_logprobs", {single: tokens})
    yield contest("top_logprobs", {top: alternatives})
    yield contest("white_box", {single: tokens, top: alternatives})


def _ours(given: Inputs, names: Sequence[str]) -> Callable[[], Values]:
    """Our metrics on each result in turn: nothing is left of the result before."""
    by_name = {metric.spec.name: metric for metric in registered_metrics()}
    metrics = [(by_name[name].compute, name.endswith("_jaccard")) for name in names]

    def one(result: LlmResult) -> tuple[float, ...]:
        values = []
        for compute, uncertainty in metrics:
            found = compute(result)
            assert isinstance(found, Measurement)
            value = found.raw_value if uncertainty else found.value
            assert value is not None
            values.append(value)
        return tuple(values)

    return lambda: [one(result) for result in given.results]


def _texts(draw: random.Random) -> list[str]:
    words = [_word(draw, length) for length in LENGTHS]
    return [
        " ".join(word if draw.random() < 0.7 else _word(draw, len(word)) for word in words)
        for _ in range(SAMPLES)
    ]


def _word(draw: random.Random, length: int) -> str:
    return "".join(draw.choice(LETTERS) for _ in range(length))


def _tops(draw: random.Random) -> list[list[float]]:
    """Log-probabilities of the best 15 at each token, best first."""
    rows = []
    for _ in range(TOKENS):
        first = -draw.expovariate(4.0)
        rows.append([first - 1e-3 - rank * draw.uniform(0.3, 0.6) for rank in range(TOP)])
    return rows


def _result(texts: Sequence[str], tops: Sequence[Sequence[float]]) -> LlmResult:
    tokens = Tokens(
        logprobs=tuple(top[0] for top in tops),
        top_k=TOP,
        top_logprobs=tuple(logprob for top in tops for logprob in top),
    )
    first, *others = texts
    return LlmResult(
        key=ResultKey("demo", "r"),
        response=Response(first, tokens=tokens),
        task_kind=TaskKind.OPEN_QA,
        language="en",
        alternatives=tuple(Alternative(Response(text)) for text in others),
    )

"""The metrics that there are, in the order in which they are reported."""

from __future__ import annotations

from plimsoll.metrics.context_coverage import ContextCoverage
from plimsoll.metrics.discrete_semantic_entropy import DiscreteSemanticEntropy
from plimsoll.metrics.enumeration_validity import EnumerationValidity
from plimsoll.metrics.exact_match_rate import ExactMatchRate
from plimsoll.metrics.json_schema_validity import JsonSchemaValidity
from plimsoll.metrics.lexical_similarity import LexicalSimilarity
from plimsoll.metrics.mean_token_entropy import MeanTokenEntropy
from plimsoll.metrics.min_token_probability import MinTokenProbability
from plimsoll.metrics.regex_validity import RegexValidity
from plimsoll.metrics.response_length import ResponseLength
from plimsoll.metrics.sequence_probability import SequenceProbability
from plimsoll.ports.metric import Metric


def default_metrics() -> tuple[Metric, ...]:
    """Every metric that needs no model; a new one gets its line here."""
    return (
        SequenceProbability(),
        MinTokenProbability(),
        MeanTokenEntropy(),
        ExactMatchRate(),
        LexicalSimilarity(),
        DiscreteSemanticEntropy(),
        ContextCoverage(),
        JsonSchemaValidity(),
        RegexValidity(),
        EnumerationValidity(),
        ResponseLength(),
    )

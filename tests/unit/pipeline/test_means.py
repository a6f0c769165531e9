"""What values change with besides results and metrics."""

from __future__ import annotations

from dataclasses import replace

from plimsoll.domain.metric import MetricSpec, Need
from plimsoll.domain.plan import PlanRule, Resampling
from plimsoll.metrics.registry import registered_metrics
from plimsoll.pipeline.means import means_of
from plimsoll.ports.tools import NO_TOOLS, Tools
from tests.support.fake_models import LetterEmbedder
from tests.support.fake_sandbox import HashSandbox

RULE = PlanRule("all", None)
TOOLS = Tools(embedder=LetterEmbedder(), sandbox=HashSandbox())
METRICS = [metric.spec for metric in registered_metrics()]


def needing(*needs: Need) -> list[MetricSpec]:
    """Metrics that need any of these."""
    return [metric for metric in METRICS if not set(needs).isdisjoint(metric.needs)]


def test_what_is_there_and_used_is_named() -> None:
    """The sandbox by being there, a model by its name; what is not there is not."""
    both = needing(Need.SANDBOX, Need.EMBEDDING_MODEL)
    assert means_of(RULE, both, NO_TOOLS) == ()
    assert means_of(RULE, both, TOOLS) == (
        ("models.embedding", LetterEmbedder().name),
        ("sandbox", "on"),
    )


def test_what_no_metric_uses_is_no_matter() -> None:
    """A model is not even asked for its name where nothing rests on it."""
    free = [m for m in METRICS if {Need.SANDBOX, Need.EMBEDDING_MODEL}.isdisjoint(m.needs)]
    assert means_of(RULE, free, TOOLS) == ()


def test_drawn_alternatives_are_named_with_how() -> None:
    """Where a metric compares alternatives; another number, judge or redaction is another."""
    compared = needing(Need.ALTERNATIVES)
    rules = [
        replace(RULE, resampling=Resampling()),
        replace(RULE, resampling=Resampling(samples=6)),
        replace(RULE, resampling=Resampling(judge="small")),
        replace(RULE, resampling=Resampling(), redact_pii=True),
    ]
    found = {means_of(rule, compared, NO_TOOLS) for rule in rules}
    assert len(found) == 4
    (first,) = means_of(rules[0], compared, NO_TOOLS)
    assert first == (
        "resampling",
        '{"judge":"","max_output_tokens":1000,"redacted":false,"samples":5,"temperature":1.0}',
    )
    assert means_of(rules[0], needing(Need.CONTEXT), NO_TOOLS) == ()

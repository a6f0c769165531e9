"""What metrics cost that need neither a model nor a sandbox, on the demo's own records."""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median

from plimsoll.cli.sample import load_sample
from plimsoll.domain.metric import Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.registry import registered_metrics
from plimsoll.ports.metric import Metric
from tests.bench.figures import Figure
from tests.bench.rig import Sizes, say

TOOLS = {Need.EMBEDDING_MODEL, Need.ENTAILMENT_MODEL, Need.SANDBOX}
# Results a second and core.
AIMED_RATE = 1_000.0
# Fewer values than this tell little of what one costs.
MIN_VALUES = 10


def measure(sizes: Sizes) -> list[Figure]:
    """Results a second of all metrics together, on one core, each result with whatever it has."""
    metrics = without_tools()
    results = load_sample().results[: sizes.sample_results]
    rates = [_rate(metrics, results) for _ in range(sizes.repetitions + 1)][1:]
    rate = median(rates)
    say(f"metrics: {rate:,.0f} results a second and core by all {len(metrics)}")
    aim = f"ratio 1 or more to {AIMED_RATE:,.0f}, by {len(metrics)} metrics"
    name = "metric_results_per_core_second"
    return [Figure(name, rate, "1/s", AIMED_RATE, rate / AIMED_RATE, aim, least=1.0)]


def costs(sizes: Sizes) -> list[Figure]:
    """Microseconds of each metric by itself on a result that it has a value for.

    Nothing is shared: what metrics of one result have in common is made for each anew. A metric
    that has a value for fewer than ten of the demo's records has no figure.
    """
    results = load_sample().results[: sizes.sample_results]
    figures = []
    for metric in without_tools():
        measured = [result for result in results if evaluate(metric, result).value is not None]
        if len(measured) >= MIN_VALUES:
            spent = [1e6 / _rate([metric], measured) for _ in range(sizes.repetitions)]
            figures.append(Figure(f"cost_of_{metric.spec.name}", median(spent), "µs"))
    return figures


def without_tools() -> list[Metric]:
    """The registered metrics that need nothing but the result."""
    return [metric for metric in registered_metrics() if TOOLS.isdisjoint(metric.spec.needs)]


def _rate(metrics: Sequence[Metric], results: Sequence[LlmResult]) -> float:
    before = time.process_time_ns()
    for result in results:
        for metric in metrics:
            evaluate(metric, result)
    return len(results) / (time.process_time_ns() - before) * 1e9

"""How many of the sample's results one core scores in a second: by the first metrics, by all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from tests.bench.figures import Figure
from tests.bench.records import load, sample_records
from tests.bench.rig import Rig, cpu_seconds, say
from tests.support.reader import wait_until_committed
from tests.support.services import wait_for_members

# The least that gives every family which needs no tool its number.
FIRST = (
    "sequence_probability",
    "min_token_probability",
    "mean_token_entropy",
    "exact_match_rate",
    "lexical_similarity",
    "discrete_semantic_entropy",
    "context_coverage",
    "json_schema_validity",
    "regex_validity",
    "enumeration_validity",
    "response_length",
)


async def measure_first(rig: Rig, sample: Sequence[bytes], directory: Path) -> list[Figure]:
    """With a plan that asks for the first metrics alone."""
    plan = directory / "first-metrics.yaml"
    names = ", ".join(FIRST)
    plan.write_text(f"rules:\n  - name: first\n    metrics: [{names}]\n", encoding="utf-8")
    rig.settings.scorer.plan_file = plan
    rate = await _rate(rig, sample, f"{len(FIRST)} metrics")
    aim = "2,000 on the demo's own records"
    return [Figure("scorer_results_per_core_second", rate, "1/s", aim=aim)]


async def measure_all(rig: Rig, sample: Sequence[bytes]) -> list[Figure]:
    """With every metric that is registered."""
    rate = await _rate(rig, sample, "every metric")
    return [Figure("scorer_results_per_core_second_by_every_metric", rate, "1/s")]


async def _rate(rig: Rig, sample: Sequence[bytes], by: str) -> float:
    """Results divided by the processor time that the scorer and its children spent on them."""
    group, topic = rig.settings.scorer.group_id, rig.settings.topics.results
    scorer = rig.fleet.scorer(rig.settings)
    await wait_for_members(rig.bootstrap, group, 1)
    rates: list[float] = []
    for round_number in range(min(rig.sizes.repetitions, 3) + 1):
        count = rig.sizes.sample_results if round_number else min(300, rig.sizes.sample_results)
        scorer.pause()
        await load(rig.bootstrap, topic, list(sample_records(sample, count, f"t{round_number}")))
        before = cpu_seconds(scorer)
        scorer.resume()
        await wait_until_committed(rig.bootstrap, group, topic)
        if round_number:
            rates.append(count / (cpu_seconds(scorer) - before))
            say(f"throughput by {by}: {rates[-1]:,.0f} results a second and core")
    scorer.terminate()
    await scorer.ended()
    return median(rates)

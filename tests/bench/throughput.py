"""How many of the shipped sample's results one core scores in a second, with every metric."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from tests.bench.figures import Figure
from tests.bench.records import load, sample_records
from tests.bench.rig import Rig, cpu_seconds, say
from tests.support.reader import wait_until_committed
from tests.support.services import wait_for_members


async def measure(rig: Rig, sample: Sequence[bytes]) -> list[Figure]:
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
            say(f"throughput: {rates[-1]:,.0f} results a second and core")
    scorer.terminate()
    await scorer.ended()
    aim = "2,000 on the demo's own records"
    return [Figure("scorer_results_per_core_second", median(rates), "1/s", aim=aim)]

"""Processor time per record: the scorer without metrics beside a bare loop on the same records."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from plimsoll.settings.model import Settings
from tests.bench.figures import Figure
from tests.bench.records import load, measured_records
from tests.bench.rig import Rig, cpu_seconds, say
from tests.support.reader import wait_until_committed
from tests.support.services import Service, wait_for_members
from tests.support.topics import make_topics

NO_METRICS = "rules:\n  - name: nothing\n    metrics: []\n"


async def measure(rig: Rig, directory: Path) -> list[Figure]:
    """Both workers read one topic in turn; each repetition compares the same records."""
    bare_settings = rig.settings.model_copy(deep=True)
    bare_settings.scorer.group_id += "-bare"
    bare_settings.topics.scores += "-bare"
    await make_topics(rig.bootstrap, [bare_settings.topics.scores])
    scorer_settings = rig.settings.model_copy(deep=True)
    scorer_settings.scorer.plan_file = plan_without_metrics(directory)
    contestants = [
        (bare_settings, rig.fleet.start("tests.bench.bare_loop", bare_settings)),
        (scorer_settings, rig.fleet.scorer(scorer_settings)),
    ]
    for settings, _ in contestants:
        await wait_for_members(rig.bootstrap, settings.scorer.group_id, 1)
    micros: dict[str, list[float]] = {"bare": [], "scorer": []}
    # The first round warms caches and connections and is not counted.
    for round_number in range(rig.sizes.repetitions + 1):
        for _, worker in contestants:
            worker.pause()
        records = measured_records(rig.sizes.records, f"round{round_number}")
        await load(rig.bootstrap, rig.settings.topics.results, records)
        for name, (settings, worker) in zip(micros, contestants, strict=True):
            spent = await cpu_of_a_round(rig, settings, worker)
            if round_number:
                micros[name].append(spent / len(records) * 1e6)
        say(f"per record: {', '.join(f'{n} {v[-1]:.0f} µs' for n, v in micros.items() if v)}")
    for _, worker in contestants:
        worker.kill()
    bare, scorer = median(micros["bare"]), median(micros["scorer"])
    ratio = median(s / b for s, b in zip(micros["scorer"], micros["bare"], strict=True))
    return [
        Figure(
            "scorer_cpu_per_record", scorer, "µs", bare, ratio, "2.2 times the bare loop or less"
        )
    ]


async def cpu_of_a_round(rig: Rig, settings: Settings, worker: Service) -> float:
    """Seconds of processor time from waking a worker to its last commit; it sleeps again then."""
    before = cpu_seconds(worker)
    worker.resume()
    await wait_until_committed(rig.bootstrap, settings.scorer.group_id, settings.topics.results)
    worker.pause()
    return cpu_seconds(worker) - before


def plan_without_metrics(directory: Path) -> Path:
    """A plan file that asks for nothing."""
    plan = directory / "no-metrics.yaml"
    plan.write_text(NO_METRICS, encoding="utf-8")
    return plan

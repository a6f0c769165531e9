"""The benchmarks run from end to end; their figures are `make bench`'s business."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.bench.__main__ import measure_all
from tests.bench.rig import QUICK
from tests.support.kafka import GivenBroker, KafkaBroker

pytestmark = pytest.mark.kafka


async def test_every_benchmark_gives_its_figures(
    kafka: KafkaBroker | GivenBroker, tmp_path: Path
) -> None:
    """In the small each benchmark runs and yields figures that are numbers."""
    figures = await measure_all(kafka.bootstrap, tmp_path, QUICK)
    assert [figure.name for figure in figures] == [
        "scorer_cpu_per_record",
        "scorer_results_per_core_second",
        "scorer_results_per_core_second_by_every_metric",
        "publish_to_visible_p50",
        "publish_to_visible_p99",
        "publish_to_visible_load",
        "get_confidence_per_core",
        "batch_get_items_per_core",
        "backlog_resident_max",
        "backlog_resident_late",
        "judge_cpu_per_call",
        "judge_500_in_flight_resident",
        "judge_500_in_flight_threads",
        "postgres_upserts",
        "postgres_look_ups",
    ]
    assert all(math.isfinite(figure.value) and figure.value > 0 for figure in figures)

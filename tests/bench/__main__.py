"""`python -m tests.bench`: every figure beside its reference, measured in one run."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench import (
    backlog,
    consistency,
    judging,
    latency,
    lookups,
    metrics,
    per_record,
    stores,
    throughput,
)
from tests.bench.figures import Figure, show, write
from tests.bench.rig import FULL, QUICK, Sizes, rig, say
from tests.bench.sample import sample_values
from tests.support.kafka import KafkaBroker, given_broker
from tests.support.peers import require_peers
from tests.support.postgres import PostgresServer, temporary_directory
from tests.support.real_parts import PartMissingError


async def measure_all(bootstrap: str, directory: Path, sizes: Sizes) -> list[Figure]:
    """Each benchmark on topics, a store and processes of its own."""
    sample = sample_values()
    figures: list[Figure] = []

    def folder(name: str) -> Path:
        path = directory / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    async with rig(bootstrap, folder("per-record"), sizes) as one:
        figures += await per_record.measure(one, folder("per-record"))
    async with rig(bootstrap, folder("first-metrics"), sizes) as one:
        figures += await throughput.measure_first(one, sample, folder("first-metrics"))
    async with rig(bootstrap, folder("throughput"), sizes) as one:
        figures += await throughput.measure_all(one, sample)
    async with rig(bootstrap, folder("latency"), sizes) as one:
        figures += await latency.measure(one, sample, figures[-1].value)
    async with rig(bootstrap, folder("lookups"), sizes) as one:
        figures += await lookups.measure(one, sample)
    async with rig(bootstrap, folder("backlog"), sizes) as one:
        figures += await backlog.measure(one)
    figures += await judging.measure(folder("judging"), sizes)
    server = PostgresServer(temporary_directory())
    server.start()
    try:
        figures += await stores.measure(server, sizes)
    finally:
        server.remove()
    return figures


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, shows the table, and writes the list where asked to."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--quick", action="store_true", help="sizes that only show that it runs")
    options = parser.parse_args(arguments)
    sizes = QUICK if options.quick else FULL
    try:
        peers = require_peers()
    except PartMissingError as missing:
        raise SystemExit(str(missing)) from missing
    figures = [*metrics.measure(sizes), *consistency.measure(peers, sizes)]
    costs = metrics.costs(sizes)
    directory = Path(tempfile.mkdtemp(prefix="plimsoll-bench-"))
    given, broker = given_broker(), KafkaBroker(directory / "kafka")
    if given is None:
        say("starting Apache Kafka")
        broker.start()
    bootstrap = given.bootstrap if given is not None else broker.bootstrap
    try:
        figures += asyncio.run(measure_all(bootstrap, directory, sizes))
    finally:
        if broker.process is not None:
            broker.kill()
        shutil.rmtree(directory, ignore_errors=True)
    show(figures)
    show(costs, "What a metric costs on one result, by itself")
    if options.json is not None:
        write([*figures, *costs], options.json)


if __name__ == "__main__":
    main()

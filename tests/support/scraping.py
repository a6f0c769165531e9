"""A worker's telemetry, as Prometheus would read it."""

from __future__ import annotations

import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from plimsoll.ports.telemetry import Instrument


def scraped(port: int, what: Instrument) -> float:
    """An instrument's value over all its labels; 0 where nothing was told yet."""
    return sum(scraped_by_labels(port, what).values())


def scraped_by_labels(port: int, what: Instrument) -> dict[tuple[str, ...], float]:
    """An instrument's values by the values of its labels, in the order of the catalogue."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    return {
        tuple(sample.labels[name] for name in what.labels): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if family.name == what.name and not sample.name.endswith("_created")
    }

"""A worker's telemetry, as Prometheus would read it."""

from __future__ import annotations

import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from plimsoll.ports.telemetry import Instrument


def scraped(port: int, what: Instrument) -> float:
    """An instrument's value over all its labels; 0 where nothing was told yet."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if family.name == what.name and not sample.name.endswith("_created")
    )

"""Serves the catalogue of `plimsoll.ports.telemetry` to Prometheus."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from plimsoll.adapters.telemetry.http import serve_scrapes
from plimsoll.adapters.telemetry.probes import Probes
from plimsoll.ports.telemetry import READY, Instrument, Kind
from plimsoll.ports.telemetry_labels import MAX_COMBINATIONS, OTHER

Labels = tuple[str, ...]


@dataclass(slots=True)
class _Histogram:
    counts: list[int]
    total: float = 0.0


@dataclass(slots=True)
class _Series:
    """Every time series by instrument and labels; plain numbers, so that counting is cheap."""

    numbers: dict[Instrument, dict[Labels, float]] = field(default_factory=dict)
    histograms: dict[Instrument, dict[Labels, _Histogram]] = field(default_factory=dict)
    # When a gauge has to have been set again.
    ends: dict[tuple[Instrument, Labels], float] = field(default_factory=dict)


class PrometheusTelemetry(Collector):
    """Takes figures from one event loop; an HTTP thread reads them when it is asked to serve."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._series = _Series()

    def count(self, what: Instrument, labels: Labels = (), amount: float = 1) -> None:
        """Adds to a counter."""
        numbers = self._series.numbers.setdefault(what, {})
        if labels not in numbers:
            labels = _within(numbers, labels)
        numbers[labels] = numbers.get(labels, 0.0) + amount

    def set(
        self,
        what: Instrument,
        value: float,
        labels: Labels = (),
        *,
        good_for_s: float | None = None,
    ) -> None:
        """Sets a gauge; where it is not set again within `good_for_s`, it is taken away."""
        numbers = self._series.numbers.setdefault(what, {})
        if labels not in numbers:
            labels = _within(numbers, labels)
        if good_for_s is not None:
            self._series.ends[what, labels] = self._monotonic() + good_for_s
        numbers[labels] = value

    def forget(self, what: Instrument, labels: Labels = ()) -> None:
        """Takes a gauge away where its value is not known any more; one that is not there, too."""
        self._series.numbers.get(what, {}).pop(labels, None)

    def observe(self, what: Instrument, value: float, labels: Labels = ()) -> None:
        """Adds an observation to a histogram."""
        series = self._series.histograms.setdefault(what, {})
        if labels not in series:
            labels = _within(series, labels)
        histogram = series.get(labels)
        if histogram is None:
            histogram = series[labels] = _Histogram([0] * (len(what.buckets) + 1))
        histogram.counts[bisect_left(what.buckets, value)] += 1
        histogram.total += value

    def value(self, what: Instrument, labels: Labels = ()) -> float:
        """What a counter or gauge stands at; 0 where nothing was told."""
        return self._series.numbers.get(what, {}).get(labels, 0.0)

    def serve(self, port: int) -> None:
        """Answers scrapes and probes on `port` from a thread of its own; 0 serves none.

        A service is not ready until it says so, which a scrape shows from the first.
        """
        self.set(READY, self.value(READY))
        if port:
            registry = CollectorRegistry()
            registry.register(self)
            serve_scrapes(port, registry, Probes(self.value, self._monotonic))

    def collect(self) -> Iterable[Metric]:
        """Every series, for a scrape; copies, since the event loop goes on counting."""
        now = self._monotonic()
        for what, numbers in list(self._series.numbers.items()):
            family: CounterMetricFamily | GaugeMetricFamily
            if what.kind is Kind.COUNTER:
                family = CounterMetricFamily(what.name, what.help, labels=what.labels)
            else:
                family = GaugeMetricFamily(what.name, what.help, labels=what.labels)
            for labels, number in list(numbers.items()):
                if self._series.ends.get((what, labels), now) < now:
                    continue
                family.add_metric(labels, number)
            yield family
        for what, histograms in list(self._series.histograms.items()):
            bars = HistogramMetricFamily(what.name, what.help, labels=what.labels)
            for labels, histogram in list(histograms.items()):
                bars.add_metric(labels, _cumulative(what, histogram), histogram.total)
            yield bars


def _within(known: Mapping[Labels, object], labels: Labels) -> Labels:
    """The labels, or `other` for each where a series has as many combinations as it may have."""
    return labels if len(known) < MAX_COMBINATIONS else (OTHER,) * len(labels)


def _cumulative(what: Instrument, histogram: _Histogram) -> list[tuple[str, float]]:
    """Prometheus' buckets: each counts everything up to its bound."""
    bounds = [*map(floatToGoString, what.buckets), "+Inf"]
    so_far = 0
    bars: list[tuple[str, float]] = []
    for bound, count in zip(bounds, list(histogram.counts), strict=True):
        so_far += count
        bars.append((bound, so_far))
    return bars

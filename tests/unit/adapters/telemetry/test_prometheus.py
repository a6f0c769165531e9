"""What is counted is what Prometheus scrapes."""

from __future__ import annotations

import urllib.request

from prometheus_client import CollectorRegistry, generate_latest

from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.ports.telemetry import (
    ABSENCES,
    CONSUMER_LAG_SECONDS,
    IN_FLIGHT,
    RECORD_SECONDS,
    RECORDS_CONSUMED,
)
from plimsoll.ports.telemetry_labels import MAX_COMBINATIONS
from tests.support.fake_clock import FakeClock
from tests.support.ports import free_port


def scraped(telemetry: PrometheusTelemetry) -> str:
    """What a scrape reads."""
    registry = CollectorRegistry()
    registry.register(telemetry)
    return generate_latest(registry).decode()


def test_counters_and_gauges_read_as_told() -> None:
    """A counter adds up by its labels and ends in _total; a gauge is the last value."""
    telemetry = PrometheusTelemetry()
    telemetry.count(RECORDS_CONSUMED, ("results",), 3)
    telemetry.count(RECORDS_CONSUMED, ("results",))
    telemetry.count(ABSENCES, ("entropy", "input_missing"))
    telemetry.set(IN_FLIGHT, 7)
    telemetry.set(IN_FLIGHT, 5)
    text = scraped(telemetry)
    assert 'plimsoll_records_consumed_total{topic="results"} 4.0' in text
    assert 'plimsoll_absences_total{metric="entropy",reason="input_missing"} 1.0' in text
    assert "plimsoll_records_in_flight 5.0" in text


def test_a_gauge_that_is_not_known_any_more_is_not_there() -> None:
    """Taken away by hand, or by time where nobody has set it again; to do so twice is no fault."""
    clock = FakeClock()
    telemetry = PrometheusTelemetry(clock.monotonic)
    telemetry.set(CONSUMER_LAG_SECONDS, 3, ("g", "t", "0"))
    telemetry.set(CONSUMER_LAG_SECONDS, 4, ("g", "t", "1"), good_for_s=60)
    telemetry.forget(CONSUMER_LAG_SECONDS, ("g", "t", "0"))
    telemetry.forget(CONSUMER_LAG_SECONDS, ("g", "t", "0"))
    clock.seconds += 60
    assert 'partition="0"' not in scraped(telemetry)
    assert 'partition="1"' in scraped(telemetry)
    clock.seconds += 1
    assert 'partition="1"' not in scraped(telemetry)
    telemetry.set(CONSUMER_LAG_SECONDS, 5, ("g", "t", "1"), good_for_s=60)
    assert 'partition="1",topic="t"} 5.0' in scraped(telemetry)


def test_no_producer_can_fill_prometheus() -> None:
    """A series takes so many combinations of labels; further ones count together as `other`."""
    telemetry = PrometheusTelemetry()
    for number in range(MAX_COMBINATIONS + 5):
        telemetry.count(RECORDS_CONSUMED, (f"t{number}",))
    telemetry.count(RECORDS_CONSUMED, ("t0",))
    text = scraped(telemetry)
    assert 'plimsoll_records_consumed_total{topic="other"} 5.0' in text
    assert 'plimsoll_records_consumed_total{topic="t0"} 2.0' in text
    assert text.count("plimsoll_records_consumed_total{") == MAX_COMBINATIONS + 1


def test_histograms_are_cumulative() -> None:
    """Each bucket counts everything up to its bound, the bound included."""
    telemetry = PrometheusTelemetry()
    for seconds in (0.001, 0.2, 99.0):
        telemetry.observe(RECORD_SECONDS, seconds)
    text = scraped(telemetry)
    assert 'plimsoll_record_seconds_bucket{le="0.001"} 1.0' in text
    assert 'plimsoll_record_seconds_bucket{le="0.25"} 2.0' in text
    assert 'plimsoll_record_seconds_bucket{le="+Inf"} 3.0' in text
    assert "plimsoll_record_seconds_count 3.0" in text


def test_it_serves_over_http() -> None:
    """On a port it answers a scrape."""
    telemetry = PrometheusTelemetry()
    telemetry.count(RECORDS_CONSUMED, ("results",))
    port = free_port()
    telemetry.serve(port)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=120) as answer:
        assert b"plimsoll_records_consumed_total" in answer.read()

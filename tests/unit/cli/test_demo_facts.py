"""A demonstration that lost, doubled or missed anything does not end with 0."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.cli.demo.facts import (
    DemoFacts,
    Funnel,
    Kept,
    Kill,
    Latencies,
    LookedUp,
    Observed,
    Quality,
    SetQuality,
)
from plimsoll.cli.demo.summary import summary
from plimsoll.cli.sample import load_sample

QUALITY = Quality((), 0.1, 0.1, Kept(0.6, 0.5, 0.4, None), 0)
WHOLE = DemoFacts(
    acknowledged=3,
    funnel=Funnel(published=3, visible=3, dead=0, events=4, repeated=1, losses=0, doubles=0),
    kill=Kill("scorer-1", 2, 9.0),
    latency=Latencies(10.0, 9_000.0, 3),
    latency_before=Latencies(10.0, 20.0, 1),
    looked_up=LookedUp(3, 0.1, {}),
    observed=Observed(3, 1, 2),
    quality=QUALITY,
    absences={},
    seconds=20.0,
)


def test_events_scored_again_are_no_fault() -> None:
    """A repeated event with one visible score is what the guarantee promises."""
    assert WHOLE.complete


@pytest.mark.parametrize(
    "broken",
    [
        replace(WHOLE, acknowledged=4),
        replace(WHOLE, looked_up=LookedUp(2, 0.1, {})),
        replace(WHOLE, funnel=replace(WHOLE.funnel, visible=2, dead=1)),
        replace(WHOLE, funnel=replace(WHOLE.funnel, losses=1)),
        replace(WHOLE, funnel=replace(WHOLE.funnel, doubles=1)),
    ],
)
def test_whatever_is_missing_is_a_failure(broken: DemoFacts) -> None:
    """Each way of losing, doubling or not finding a result makes the run incomplete."""
    assert not broken.complete


def test_the_sample_is_mixed_and_labelled() -> None:
    """300 results with a label each; every five in a row are of the five sets."""
    sample = load_sample()
    assert len(sample.results) == len(sample.labels) == 300
    first = {sample.labels[result.key].dataset for result in sample.results[:5]}
    assert len(first) == 5


def test_the_summary_has_what_machines_read() -> None:
    """The keys that scripts rely on are there, the mean over sets among them."""
    sets = tuple(
        SetQuality(name, 60, 30, auroc, None, 0.5) for name, auroc in (("a", 0.6), ("b", 0.8))
    )
    told = summary(replace(WHOLE, quality=replace(QUALITY, by_set=sets)))
    assert told["auroc"] == 0.7
    assert told["auroc_by_set"] == {"a": 0.6, "b": 0.8}
    asked = {"published", "scored", "looked_up", "absences", "ece", "latency_ms", "seconds"}
    assert asked <= told.keys()


def test_without_a_confidence_nothing_is_said_of_it() -> None:
    """Where no result has one, no figure of its quality is made up."""
    told = summary(replace(WHOLE, quality=None))
    assert {"auroc", "ece", "errors"} & told.keys() == set()
    assert told["published"] == 3

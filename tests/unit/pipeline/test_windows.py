"""What becomes of a record, and what a partition's windows hold then."""

from __future__ import annotations

from dataclasses import replace

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.quality import CONFIDENCE, QualityWindow, Segment, Series, Tally
from plimsoll.domain.result import TaskKind
from plimsoll.domain.scored import ScoredResult
from plimsoll.pipeline.windows import (
    OTHERS,
    Arrival,
    PartitionWindows,
    Saved,
    WindowRules,
    fresh,
)
from plimsoll.wire.window_state import segment_row
from tests.support.scored_events import at_ms, scored_event

MINUTE = 60_000
RULES = WindowRules(length_ms=MINUTE, grace_ms=2 * MINUTE, max_segment_ids=3, max_groups=2)


def windows() -> PartitionWindows:
    """Partition 4 from offset 10 on."""
    return PartitionWindows(RULES, fresh(4, 10))


def observe(held: PartitionWindows, *events: ScoredResult) -> list[Arrival]:
    """The events one after the other."""
    return [
        held.observe(
            held.next_offset, round(event.observation.score_time.timestamp() * 1_000), event
        )
        for event in events
        if event.observation is not None
    ]


def by_series(changed: list[QualityWindow]) -> dict[tuple[int, str], Tally]:
    """Tallies by window and metric."""
    return {(round(w.start_time.timestamp() * 1_000), w.series.metric): w.tally for w in changed}


def test_a_result_counts_in_the_minute_it_was_published() -> None:
    """Under its tenant, model, task kind and each metric, and the confidence's point beside."""
    held = windows()
    absence = Absence(AbsenceReason.THROTTLED)
    event = scored_event("r", 3 * MINUTE + 1, point=0.5, scores={"a": 0.25, "b": absence})
    assert observe(held, event) == [Arrival.COUNTED]
    changed = list(held.take_changed())
    assert {w.series for w in changed} == {
        Series("default", "m-1", TaskKind.OPEN_QA, metric) for metric in ("a", "b", CONFIDENCE)
    }
    assert {(w.start_time, w.end_time) for w in changed} == {(at_ms(3 * MINUTE), at_ms(4 * MINUTE))}
    assert {(w.source_partition, w.last_offset) for w in changed} == {(4, 10)}
    assert by_series(changed)[3 * MINUTE, "b"] == Tally(1, ((AbsenceReason.THROTTLED, 1),))
    assert by_series(changed)[3 * MINUTE, CONFIDENCE].sum == 0.5


def test_the_same_result_counts_once() -> None:
    """At another offset, in the same window or in a later one."""
    first, later = scored_event("r", 0), scored_event("r", MINUTE)
    assert observe(windows(), first, first, later) == [
        Arrival.COUNTED,
        Arrival.DUPLICATE,
        Arrival.DUPLICATE,
    ]


def test_tenants_do_not_share_ids() -> None:
    """The same result ID of two tenants is two results."""
    events = scored_event("r", 0, tenant="a"), scored_event("r", 0, tenant="b")
    assert observe(windows(), *events) == [Arrival.COUNTED, Arrival.COUNTED]


def test_a_rescore_does_not_count() -> None:
    """Only revision 0 does, and a rescore does not move time either."""
    events = scored_event("r", 9 * MINUTE, revision=1_700), scored_event("s", 0)
    assert observe(windows(), *events) == [Arrival.RESCORED, Arrival.COUNTED]


def test_a_window_takes_results_until_its_grace_is_over() -> None:
    """By the time of the stream: the start of the newest window, never a wall clock."""
    held = windows()
    assert observe(held, scored_event("a", 0), scored_event("b", 2 * MINUTE)) == ["counted"] * 2
    assert observe(held, scored_event("c", MINUTE - 1)) == [Arrival.COUNTED]
    assert observe(held, scored_event("d", 3 * MINUTE)) == [Arrival.COUNTED]
    assert observe(held, scored_event("e", MINUTE - 1)) == [Arrival.LATE]


def test_an_id_is_forgotten_with_its_window() -> None:
    """Memory is bounded: past window and grace the same ID counts as a new result."""
    held = windows()
    events = scored_event("r", 0), scored_event("s", 3 * MINUTE), scored_event("r", 3 * MINUTE)
    assert observe(held, *events) == [Arrival.COUNTED] * 3


def test_a_clock_far_ahead_does_not_close_the_windows_of_others() -> None:
    """Nothing is published after it was scored: the scorer's own time is taken instead."""
    held = windows()
    assert observe(held, scored_event("a", 0)) == [Arrival.COUNTED]
    assert held.observe(11, 1_000, scored_event("b", 10**12)) == Arrival.COUNTED
    assert observe(held, scored_event("c", 0)) == [Arrival.COUNTED]
    assert set(by_series(list(held.take_changed()))) == {(0, CONFIDENCE)}


def test_without_an_observation_the_record_s_time_counts() -> None:
    """An event that does not say when its input was published stands where its record does."""
    held = windows()
    held.observe(10, MINUTE + 5, replace(scored_event("a", 0), observation=None))
    assert set(by_series(list(held.take_changed()))) == {(MINUTE, CONFIDENCE)}


def test_a_replayed_record_changes_nothing() -> None:
    """Below the next offset there is nothing to see."""
    held = windows()
    observe(held, scored_event("a", 0))
    held.take_unsaved()
    assert held.observe(10, 0, scored_event("b", 0)) == Arrival.REPLAYED
    assert held.take_unsaved() == ([], None)


def test_too_many_models_count_as_one() -> None:
    """A producer that invents a model for each result does not fill the memory."""
    held = windows()
    observe(held, *(scored_event(f"r-{n}", 0, model=f"m-{n}") for n in range(5)))
    counts = {w.series.model: w.tally.count for w in held.take_changed()}
    assert counts == {"m-0": 1, "m-1": 1, OTHERS: 3}


def test_too_many_tenants_count_as_one() -> None:
    """A producer that invents a tenant for each result does not fill the memory either."""
    held = windows()
    observe(held, *(scored_event(f"r-{n}", 0, tenant=f"t-{n}") for n in range(7)))
    counts = {(w.series.tenant, w.series.model): w.tally.count for w in held.take_changed()}
    own = {(f"t-{n}", "m-1"): 1 for n in range(2)}
    assert counts == own | {("t-2", OTHERS): 1, ("t-3", OTHERS): 1, (OTHERS, OTHERS): 3}


def test_a_model_of_any_length_has_a_short_name() -> None:
    """A name stands in the key of every metric; those that are cut are still told apart."""
    held = windows()
    names = ("m" * 100_000, "m" * 100_001)
    observe(held, *(scored_event(f"r-{n}", 0, model=name) for n, name in enumerate(names)))
    models = {w.series.model for w in held.take_changed()}
    assert len(models) == 2
    assert {(len(model), model[:200]) for model in models} == {(256, "m" * 200)}


def test_a_segment_fits_into_one_record() -> None:
    """However many tenants and metrics it counts, and it says the same after a restart."""
    rules = WindowRules(length_ms=MINUTE, grace_ms=MINUTE)
    held = PartitionWindows(rules, fresh(4, 10))
    scores = {f"a_metric_of_some_length_{n}": n / 100 for n in range(100)}
    tenants = [f"tenant-{n}-{'x' * 50}" for n in range(60)]
    observe(held, *(scored_event("r", 0, tenant=tenant, scores=scores) for tenant in tenants))
    segments, progress = held.take_unsaved()
    sizes = [len(segment_row(segment)[1]) for segment in segments]
    assert len(sizes) > 1
    assert max(sizes) < 500_000
    assert progress is not None
    again = PartitionWindows(rules, Saved(progress, tuple(segments)))
    assert list(again.take_changed()) == list(held.take_changed())
    for one in (held, again):
        observe(one, *(scored_event("s", 0, tenant=tenant, scores=scores) for tenant in tenants))
    assert again.take_unsaved() == held.take_unsaved()


def test_a_segment_that_is_full_is_never_written_again() -> None:
    """What is written for one result stays small, however many its window holds."""
    held = windows()
    observe(held, *(scored_event(f"r-{n}", 0) for n in range(4)))
    segments, _ = held.take_unsaved()
    assert [(s.key.number, len(s.ids)) for s in segments] == [(0, 3), (1, 1)]
    observe(held, scored_event("r-4", 0))
    segments, _ = held.take_unsaved()
    assert [(s.key.number, len(s.ids)) for s in segments] == [(1, 2)]


def test_a_restart_publishes_every_live_window_again() -> None:
    """From its saved state a partition says the same as before."""
    held, kept = windows(), dict[object, Segment]()
    observe(held, *(scored_event(f"r-{n}", n * 20_000, point=n / 8) for n in range(8)))
    before = list(held.take_changed())
    segments, progress = held.take_unsaved()
    assert progress is not None
    kept.update({segment.key: segment for segment in segments})
    again = PartitionWindows(RULES, Saved(progress, tuple(kept.values())))
    assert list(again.take_changed()) == before
    assert observe(again, scored_event("r-3", 60_000)) == [Arrival.DUPLICATE]


def test_nothing_is_published_until_a_cut_save_has_been_read_again() -> None:
    """Segments beyond the progress lack results; a window of them would be less than the last."""
    held = windows()
    progress = fresh(4, 10).progress
    observe(held, *(scored_event(f"r-{n}", 0) for n in range(5)))
    segments, _ = held.take_unsaved()
    again = PartitionWindows(RULES, Saved(progress, tuple(segments[1:])))
    for number in range(5):
        assert not again.take_changed()
        again.observe(10 + number, 0, scored_event(f"r-{number}", 0))
    assert [w.tally.count for w in again.take_changed()] == [5]


def test_a_closed_window_stays_closed() -> None:
    """What a deletion left behind is deleted, and never published as a part of its window."""
    held = windows()
    observe(held, *(scored_event(f"r-{n}", 0) for n in range(4)), scored_event("s", 4 * MINUTE))
    segments, _ = held.take_unsaved()
    held.take_changed()
    closing, expired = held.take_expired()
    assert [key.number for key in expired] == [0, 1]
    again = PartitionWindows(RULES, Saved(closing, tuple(segments[1:])))
    assert {w.start_time for w in again.take_changed()} == {at_ms(4 * MINUTE)}
    _, left = again.take_expired()
    assert left == [segments[1].key]

"""The checker sees each breach of each invariant, and none in a sound run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.support.checker import (
    Dead,
    Input,
    Partition,
    Row,
    Run,
    Sample,
    Scored,
    Source,
    violations,
)

RESULTS, SCORES, DEAD = Partition("results", 0), Partition("scores", 0), Partition("dead", 0)


def scored(input_offset: int, key: str, offset: int, content: str = "c", index: int = 0) -> Scored:
    """An event whose score ID is its key's."""
    source = Source(*RESULTS, input_offset, index)
    return Scored(SCORES, offset, source, key, key, f"score-{key}", 0, content)


def row(key: str, content: str = "c") -> Row:
    """The row that such an event leaves."""
    return Row(key, f"score-{key}", 0, content)


def sound() -> Run:
    """Three inputs: a result, poison, and a batch whose second member is poison."""
    return Run(
        inputs=[
            Input(RESULTS, 0, b"a", ("t/a",)),
            Input(RESULTS, 1, b"!", (None,)),
            Input(RESULTS, 2, b"bc", ("t/b", None)),
        ],
        # Out of order, and the first one twice: at-least-once is what the contract promises.
        scored=[scored(2, "t/b", 0), scored(0, "t/a", 1), scored(0, "t/a", 2)],
        dead=[
            Dead(DEAD, 0, Source(*RESULTS, 2, 1), b"bc", "not_utf8"),
            Dead(DEAD, 1, Source(*RESULTS, 1, 0), b"!", "not_protobuf"),
        ],
        committed={RESULTS: 3},
        ends={RESULTS: 3},
        samples=[
            Sample({RESULTS: 0}, {SCORES: 1, DEAD: 0}),
            Sample({RESULTS: 1}, {SCORES: 2, DEAD: 1}),
            Sample({RESULTS: 3}, {SCORES: 3, DEAD: 2}),
        ],
        rows=[row("t/a"), row("t/b")],
        dead_rows=[Source(*RESULTS, 1, 0), Source(*RESULTS, 2, 1)],
    )


def broken(run: Run) -> set[str]:
    """Names of the invariants that a run breaks."""
    return {violation.invariant for violation in violations(run)}


def test_a_sound_run_has_no_violation() -> None:
    """Redelivery, disorder, poison and batches break nothing by themselves."""
    assert violations(sound()) == []


def test_a_run_without_store_is_checked_on_its_topics() -> None:
    """Where no indexer takes part the topics alone are sound."""
    assert violations(replace(sound(), rows=None, dead_rows=None)) == []


def phantom_source(run: Run) -> Run:
    """A score from an offset that nobody produced."""
    return replace(run, scored=[*run.scored, replace(run.scored[1], source=Source(*RESULTS, 9, 0))])


BREACHES: list[tuple[str, Callable[[Run], Run], set[str]]] = [
    ("a lost result", lambda r: replace(r, scored=r.scored[:1], rows=r.rows), {"I1", "I4"}),
    (
        "lost poison",
        lambda r: replace(r, dead=r.dead[:1], dead_rows=(r.dead_rows or ())[1:]),
        {"I1", "I4"},
    ),
    ("dead letters that the store lost", lambda r: replace(r, dead_rows=[]), {"I1"}),
    (
        "a dead letter that only the store knows",
        lambda r: replace(r, dead_rows=[*(r.dead_rows or ()), Source(*RESULTS, 9, 0)]),
        {"I3"},
    ),
    ("a lost member of a batch", lambda r: replace(r, scored=r.scored[1:]), {"I1", "I4"}),
    (
        "a result that is scored and dead",
        lambda r: replace(
            r, dead=[*r.dead, Dead(DEAD, 2, Source(*RESULTS, 0, 0), b"a", "no")], dead_rows=None
        ),
        {"I1"},
    ),
    (
        "a good result in the dead letters",
        lambda r: replace(
            r,
            scored=r.scored[:1],
            dead=[*r.dead, Dead(DEAD, 0, Source(*RESULTS, 0, 0), b"a", "no")],
            dead_rows=None,
        ),
        {"I1"},
    ),
    (
        "poison that was scored",
        lambda r: replace(
            r, dead=r.dead[:1], dead_rows=None, scored=[*r.scored, scored(1, "t/x", 1)]
        ),
        {"I1"},
    ),
    ("a row that is missing", lambda r: replace(r, rows=[row("t/a")]), {"I1"}),
    ("two rows of a key", lambda r: replace(r, rows=[*(r.rows or ()), row("t/a")]), {"I2"}),
    ("a row of another content", lambda r: replace(r, rows=[row("t/a", "x"), row("t/b")]), {"I2"}),
    (
        "two contents of a score ID",
        lambda r: replace(r, scored=[*r.scored, scored(0, "t/a", 3, "other")]),
        {"I2"},
    ),
    (
        "a row of a later event",
        lambda r: replace(
            r,
            scored=[*r.scored, replace(scored(0, "t/a", 3), score_id="later")],
            rows=[replace(row("t/a"), score_id="later"), row("t/b")],
        ),
        {"I2"},
    ),
    (
        "a key on two partitions",
        lambda r: replace(
            r, scored=[*r.scored, replace(r.scored[1], partition=Partition("scores", 1))]
        ),
        {"I2"},
    ),
    ("a score from nowhere", phantom_source, {"I3"}),
    (
        "a score under another key",
        lambda r: replace(r, scored=[*r.scored, scored(0, "t/z", 3)]),
        {"I3"},
    ),
    (
        "a record key that is not the result's",
        lambda r: replace(r, scored=[*r.scored, replace(r.scored[1], offset=3, record_key="t/q")]),
        {"I3"},
    ),
    (
        "a dead letter from nowhere",
        lambda r: replace(
            r, dead=[*r.dead, replace(r.dead[0], source=Source(*RESULTS, 9, 0))], dead_rows=None
        ),
        {"I3"},
    ),
    (
        "a dead letter with other bytes",
        lambda r: replace(r, dead=[*r.dead, replace(r.dead[0], value=b"mended")]),
        {"I3"},
    ),
    (
        "a dead letter without reason",
        lambda r: replace(r, dead=[*r.dead, replace(r.dead[0], reason="")]),
        {"I3"},
    ),
    ("a row from nowhere", lambda r: replace(r, rows=[*(r.rows or ()), row("t/z")]), {"I3"}),
    (
        "a commit past a record in flight",
        lambda r: replace(r, samples=[Sample({RESULTS: 3}, {SCORES: 1, DEAD: 2})]),
        {"I4"},
    ),
    (
        "a commit past half a batch",
        lambda r: replace(r, samples=[Sample({RESULTS: 3}, {SCORES: 3, DEAD: 0})]),
        {"I4"},
    ),
    ("lag at the end", lambda r: replace(r, committed={RESULTS: 2}), {"I4"}),
    ("nothing committed", lambda r: replace(r, committed={}), {"I4"}),
    ("a commit past the end", lambda r: replace(r, committed={RESULTS: 4}), {"I4"}),
]


@pytest.mark.parametrize(
    ("breach", "expected"),
    [pytest.param(breach, expected, id=name) for name, breach, expected in BREACHES],
)
def test_each_breach_is_seen(breach: Callable[[Run], Run], expected: set[str]) -> None:
    """A breach made by hand is found, under its own invariant and no unrelated one."""
    assert broken(breach(sound())) == expected

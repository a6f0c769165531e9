"""What every score store does, whatever it is made of."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plimsoll.domain.confidence import Verdict
from plimsoll.domain.errors import FencedError
from plimsoll.domain.record import TopicPartition
from plimsoll.domain.result import TaskKind
from plimsoll.ports.store import ScoreFilter, ScoreStore
from plimsoll.wire.page_tokens import PageEnd, encode_page_token
from tests.contracts.conftest import Opener
from tests.contracts.rows import D0, P0, P1, START, batch, dead, key, score

EVERYTHING = ScoreFilter()


async def ids(store: ScoreStore, where: ScoreFilter = EVERYTHING) -> list[str]:
    """Result IDs of one large page."""
    page, _ = await store.list(where, 1000, "")
    return [found.row.key.result_id for found in page]


async def test_a_row_comes_back_as_written(store: ScoreStore) -> None:
    """Every field of a scored event survives the store, absent numbers included."""
    rows = [
        score("a", 0, tenant="t-1", verdict=Verdict.REVIEW, lower=None, payload=b"\x00\xff"),
        score("ü☃", 1, revision=1_700_000_000_000_000, task_kind=TaskKind.CODE, age_s=0.000001),
    ]
    await store.write(batch(*rows))
    found = await store.get([row.key for row in rows])
    assert [found[row.key].row for row in rows] == rows


async def test_unknown_keys_are_left_out(store: ScoreStore) -> None:
    """A key without a score has no entry; the same ID of another tenant is another key."""
    await store.write(batch(score("a", 0)))
    assert set(await store.get([key("a"), key("b"), key("a", "other")])) == {key("a")}


async def test_many_keys_at_once(store: ScoreStore) -> None:
    """A hundred keys are looked up in one call."""
    await store.write(batch(*(score(f"r{n}", n) for n in range(100))))
    keys = [key(f"r{n}") for n in range(120)]
    assert set(await store.get(keys)) == set(keys[:100])


async def test_the_first_of_a_revision_is_visible(store: ScoreStore) -> None:
    """Within a revision the lowest offset wins, across batches and within one."""
    await store.write(batch(score("a", 1, score_id="y"), score("a", 0, score_id="x")))
    await store.write(batch(score("a", 2, score_id="z")))
    assert (await store.get([key("a")]))[key("a")].row.score_id == "x"


async def test_the_highest_revision_is_visible(store: ScoreStore) -> None:
    """A rescore replaces the first scoring; an older revision that comes late does not."""
    await store.write(batch(score("a", 0)))
    await store.write(batch(score("a", 1, revision=20)))
    await store.write(batch(score("a", 2, revision=10)))
    found = (await store.get([key("a")]))[key("a")]
    assert (found.row.revision, found.row.position.offset) == (20, 1)


async def test_the_same_scoring_again_is_a_counted_duplicate(store: ScoreStore) -> None:
    """A score ID that comes again changes nothing and is counted."""
    await store.write(batch(score("a", 0)))
    assert await store.write(batch(score("a", 1), score("a", 2))) == 2
    assert (await store.get([key("a")]))[key("a")].row.position.offset == 0
    counts = await store.counts()
    assert (counts["events"], counts["visible"], counts["duplicates"]) == (3, 1, 2)


async def test_another_input_under_the_same_id_is_a_conflict(store: ScoreStore) -> None:
    """The first input stays visible; each other one is counted once, on the row and in all."""
    await store.write(batch(score("a", 0)))
    await store.write(batch(score("a", 1, digest="d1"), score("a", 2, digest="d1")))
    await store.write(batch(score("a", 3, digest="d2"), score("a", 4, digest="d3", revision=7)))
    found = (await store.get([key("a")]))[key("a")]
    assert (found.row.revision, found.input_conflicts) == (7, 2)
    assert (await store.counts())["conflicts"] == 2


async def test_a_conflict_found_after_a_rescore_counts_too(store: ScoreStore) -> None:
    """Conflicts are told by the first input, not by what is visible."""
    await store.write(batch(score("a", 0, revision=5, digest="d9")))
    await store.write(batch(score("a", 1, digest="d0")))
    await store.write(batch(score("a", 2, digest="d1")))
    found = (await store.get([key("a")]))[key("a")]
    assert (found.row.revision, found.input_conflicts) == (5, 1)


async def test_what_was_consumed_before_is_no_news(store: ScoreStore) -> None:
    """A batch that is delivered again writes nothing and moves no offset back."""
    rows = batch(score("a", 0), score("b", 1), dead(0, source=9))
    assert await store.write(rows) == 3
    before = (await store.counts(), await store.next_offsets())
    assert await store.write(rows) == 0
    assert await store.write(batch(score("c", 0))) == 0
    assert (await store.counts(), await store.next_offsets()) == before


async def test_a_position_counts_once_within_a_batch(store: ScoreStore) -> None:
    """The same event twice in one batch is one event."""
    assert await store.write(batch(score("a", 0), score("a", 0))) == 1
    assert (await store.counts())["duplicates"] == 0


async def test_offsets_advance_without_rows(store: ScoreStore) -> None:
    """A batch of nothing but skipped records still moves the offset."""
    await store.write(batch(upto={P0: 17}))
    assert (await store.next_offsets())[P0] == 17


async def test_an_event_beyond_its_next_offset_is_refused(store: ScoreStore) -> None:
    """A batch whose offsets do not cover its rows is a mistake, and writes nothing."""
    with pytest.raises(ValueError, match="next offset"):
        await store.write(batch(score("a", 0), score("b", 5), upto={P0: 5}))
    assert await store.get([key("a")]) == {}


async def test_claims_start_at_zero_and_go_on_where_writes_ended(opened: Opener) -> None:
    """A claim gives the offset after the last written event, in another process too."""
    first = await opened()
    assert await first.claim([P0, D0]) == {P0: 0, D0: 0}
    await first.write(batch(score("a", 41)))
    second = await opened()
    assert await second.claim([P0, D0]) == {P0: 42, D0: 0}


async def test_a_fenced_writer_writes_nothing(opened: Opener) -> None:
    """After another claim the former writer's batch fails whole, other partitions included."""
    first, second = await opened(), await opened()
    await first.claim([P0, P1])
    await second.claim([P0])
    with pytest.raises(FencedError):
        await first.write(batch(score("a", 0), score("b", 0, partition=1)))
    assert await second.get([key("a"), key("b")]) == {}
    await first.write(batch(score("b", 0, partition=1)))
    await second.write(batch(score("a", 0)))
    assert (await first.counts())["visible"] == 2


async def test_writing_without_a_claim_is_fenced(opened: Opener) -> None:
    """A partition that was never claimed cannot be written."""
    store = await opened()
    with pytest.raises(FencedError):
        await store.write(batch(score("a", 0)))


async def test_dead_letters_are_unique_by_source(store: ScoreStore) -> None:
    """The same source parked twice is one dead letter; each index of a record is its own."""
    await store.write(batch(dead(0, source=5), dead(1, source=5), dead(2, source=5, index=1)))
    assert (await store.counts())["dead"] == 2


async def test_the_newest_dead_letter_of_a_key_is_found(store: ScoreStore) -> None:
    """A result that was parked twice from two records shows the later reason."""
    await store.write(batch(dead(0, source=1, of=key("a"), reason="decode")))
    await store.write(batch(dead(1, source=8, of=key("a"), reason="too_large"), dead(2, source=9)))
    found = await store.dead_letters([key("a"), key("b")])
    assert {k: row.reason for k, row in found.items()} == {key("a"): "too_large"}
    assert found[key("a")].source.offset == 8


async def test_lists_are_newest_first_and_paged(store: ScoreStore) -> None:
    """Pages of two give every row once, newest event first, and end with an empty token."""
    await store.write(batch(*(score(f"r{n}", n, age_s=10 - n) for n in range(5))))
    seen, token, pages = [], "", 0
    while pages == 0 or token:
        page, token = await store.list(EVERYTHING, 2, token)
        seen += [found.row.key.result_id for found in page]
        pages += 1
    assert (seen, pages) == (["r4", "r3", "r2", "r1", "r0"], 3)


async def test_a_list_is_stable_while_rows_come(store: ScoreStore) -> None:
    """Rows that come between two pages neither repeat nor drop what stood there before."""
    await store.write(batch(*(score(f"r{n}", n, age_s=0) for n in range(4))))
    first, token = await store.list(EVERYTHING, 2, "")
    await store.write(batch(score("new", 4, age_s=-5), score("r0", 5, revision=1)))
    second, _ = await store.list(EVERYTHING, 10, token)
    listed = [found.row.key.result_id for found in (*first, *second)]
    assert listed == ["r3", "r2", "r1", "r0"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (ScoreFilter(tenant="t2"), {"b"}),
        (ScoreFilter(model="m2"), {"c"}),
        (ScoreFilter(task_kind=TaskKind.MATH), {"d"}),
        (ScoreFilter(verdict=Verdict.ACCEPT), {"e"}),
        (ScoreFilter(start_time=START - timedelta(seconds=4)), {"a", "b", "c", "d", "e"}),
        (ScoreFilter(end_time=START - timedelta(seconds=4)), {"f"}),
        (ScoreFilter(min_lower_bound=0.9), {"a"}),
        (ScoreFilter(max_lower_bound=0.2), {"b"}),
        (ScoreFilter(tenant="default", model="m1", min_lower_bound=0.5), {"a", "d", "e"}),
    ],
)
async def test_filters(store: ScoreStore, where: ScoreFilter, expected: set[str]) -> None:
    """Each filter keeps what matches; a bound never matches a score without one."""
    await store.write(
        batch(
            score("a", 0, lower=0.9, age_s=1),
            score("b", 1, tenant="t2", lower=0.2, age_s=2),
            score("c", 2, model="m2", age_s=3),
            score("d", 3, task_kind=TaskKind.MATH, age_s=4),
            score("e", 4, verdict=Verdict.ACCEPT),
            score("f", 5, lower=None, age_s=5),
        )
    )
    assert set(await ids(store, where)) == expected
    found = await store.since({}, where, 100)
    assert {one.row.key.result_id for one in found} == expected


async def test_page_tokens_are_checked(store: ScoreStore) -> None:
    """A token of another filter, a truncated one and plain text are each refused."""
    await store.write(batch(score("a", 0), score("b", 1)))
    _, token = await store.list(EVERYTHING, 1, "")
    for wrong, where in [
        (token, ScoreFilter(tenant="default")),
        (token[:-6], EVERYTHING),
        ("not a token", EVERYTHING),
        ("W10=", EVERYTHING),
        ("é", EVERYTHING),
    ]:
        with pytest.raises(ValueError, match="page token"):
            await store.list(where, 1, wrong)


@pytest.mark.parametrize(
    "end",
    [
        PageEnd(0, "default", "a\x00"),
        PageEnd(0, "de\x00fault", "a"),
        PageEnd(2**61, "default", "a"),
        PageEnd(-(2**61), "default", "a"),
    ],
    ids=["result_id", "tenant", "after_9999", "before_1"],
)
async def test_page_tokens_that_no_page_ended_with_are_refused(
    store: ScoreStore, end: PageEnd
) -> None:
    """A made-up name that no result has, or a time that none has, is the caller's mistake alone."""
    await store.write(batch(score("a", 0)))
    with pytest.raises(ValueError, match="page token"):
        await store.list(EVERYTHING, 1, encode_page_token(end, EVERYTHING))
    assert await ids(store) == ["a"]


async def test_since_gives_what_became_visible_after(store: ScoreStore) -> None:
    """Rows at or after the offsets, in order within a partition; unnamed partitions from 0."""
    await store.write(
        batch(score("a", 0), score("b", 1), score("a", 2, revision=1), score("c", 0, partition=1))
    )
    found = await store.since({P0: 1}, EVERYTHING, 10)
    places = [(one.row.position.partition, one.row.position.offset) for one in found]
    assert places == [(0, 1), (0, 2), (1, 0)]
    assert await store.since({P0: 3, P1: 1}, EVERYTHING, 10) == []


async def test_since_with_a_limit_reaches_everything_in_turns(store: ScoreStore) -> None:
    """Small bites that go on after the last row seen of each partition miss nothing."""
    rows = [score(f"{p}-{n}", n, partition=p) for p in (0, 1) for n in range(7)]
    await store.write(batch(*rows))
    offsets: dict[TopicPartition, int] = {}
    seen: list[str] = []
    while bite := await store.since(offsets, EVERYTHING, 3):
        assert len(bite) <= 3
        for one in bite:
            at = one.row.position
            offsets[TopicPartition(at.topic, at.partition)] = at.offset + 1
            seen.append(one.row.key.result_id)
    assert sorted(seen) == sorted(row.key.result_id for row in rows)


async def test_one_store_reads_what_another_wrote(opened: Opener) -> None:
    """A reader that was open before sees each write once it is done."""
    writer, reader = await opened(), await opened()
    await writer.claim([P0])
    assert await reader.get([key("a")]) == {}
    await writer.write(batch(score("a", 0)))
    assert key("a") in await reader.get([key("a")])
    assert await reader.next_offsets() == {P0: 1}
    await reader.check()


async def test_an_empty_store_answers(opened: Opener) -> None:
    """Nothing is there, and nothing fails."""
    store = await opened()
    assert await store.list(EVERYTHING, 10, "") == ([], "")
    assert await store.next_offsets() == {}
    assert set((await store.counts()).values()) == {0}
    assert await store.dead_letters([key("a")]) == {}

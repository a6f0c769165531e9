"""What every score store does with an order to erase."""

from __future__ import annotations

from plimsoll.domain.scopes import Erased, Erasure, Scope, subject_digest
from plimsoll.ports.store import ErasedRows, ScoreFilter, ScoreStore
from tests.contracts.conftest import Opener
from tests.contracts.rows import P0, batch, dead, key, score

EVERYTHING = ScoreFilter()


async def ids(store: ScoreStore, where: ScoreFilter = EVERYTHING) -> list[str]:
    """Result IDs of one large page."""
    page, _ = await store.list(where, 1000, "")
    return [found.row.key.result_id for found in page]


def erasure(by: Erased, name: str = "", tenant: str = "default") -> Scope:
    """What an order reaches."""
    return Erasure(tenant, by, name).scope


async def test_a_result_is_erased_with_its_dead_letters(store: ScoreStore) -> None:
    """Its rows are gone from look-ups, lists and counts, and nobody else's are."""
    await store.write(batch(score("a", 0), score("a", 1, digest="d1"), score("b", 2)))
    await store.write(batch(dead(0, source=1, of=key("a")), dead(1, source=2, of=key("b"))))
    assert await store.erase("e1", erasure(Erased.RESULT, "a")) == ErasedRows(1, 1)
    assert set(await store.get([key("a"), key("b")])) == {key("b")}
    assert set(await store.dead_letters([key("a"), key("b")])) == {key("b")}
    assert await ids(store) == ["b"]
    counts = await store.counts()
    assert (counts["visible"], counts["dead"]) == (1, 1)


async def test_a_subject_is_erased_with_every_result(store: ScoreStore) -> None:
    """All results about somebody go, of one tenant; a namesake at another tenant stays."""
    ann, other = subject_digest("default", "ann"), subject_digest("t2", "ann")
    await store.write(batch(score("a", 0, subject=ann), score("b", 1, subject=ann), score("c", 2)))
    await store.write(batch(score("a", 3, tenant="t2", subject=other)))
    assert await store.erase("e1", erasure(Erased.SUBJECT, "ann")) == ErasedRows(2, 0)
    assert sorted(await ids(store)) == ["a", "c"]
    assert await store.erased([key("a"), key("b"), key("c"), key("a", "t2")]) == {
        key("a"),
        key("b"),
    }


async def test_a_tenant_is_erased_whole(store: ScoreStore) -> None:
    """Every row of the tenant goes, and whatever is asked of it is said to be erased."""
    await store.write(batch(score("a", 0, tenant="t2"), score("b", 1, tenant="t2"), score("a", 2)))
    await store.write(batch(dead(0, source=1, of=key("z", "t2"))))
    assert await store.erase("e1", erasure(Erased.TENANT, tenant="t2")) == ErasedRows(2, 1)
    assert await ids(store) == ["a"]
    assert await store.erased([key("never", "t2"), key("a")]) == {key("never", "t2")}


async def test_what_was_erased_does_not_come_back(store: ScoreStore) -> None:
    """Late events and redelivered ones, of whatever revision, leave no row and are still passed."""
    ann = subject_digest("default", "ann")
    await store.write(batch(score("a", 0, subject=ann)))
    await store.erase("e1", erasure(Erased.SUBJECT, "ann"))
    late = [score("a", 1, revision=9), score("new", 2, subject=ann), score("b", 3)]
    assert await store.write(batch(*late, dead(0, source=1, of=key("a")))) == 1
    assert await ids(store) == ["b"]
    assert await store.dead_letters([key("a")]) == {}
    assert await store.erased([key("a"), key("new"), key("b")]) == {key("a"), key("new")}
    assert (await store.next_offsets())[P0] == 4


async def test_an_order_that_comes_twice_counts_once(store: ScoreStore) -> None:
    """The same ID gives the same counts and reaches nothing further."""
    await store.write(batch(score("a", 0)))
    first = await store.erase("e1", erasure(Erased.RESULT, "a"))
    assert await store.erase("e1", erasure(Erased.RESULT, "a")) == first == ErasedRows(1, 0)
    assert await store.erase("e2", erasure(Erased.RESULT, "a")) == ErasedRows(0, 0)
    assert (await store.counts())["visible"] == 0


async def test_another_process_sees_what_was_erased(opened: Opener) -> None:
    """Orders hold for every writer on the same rows, and for one that opens them later."""
    first = await opened()
    await first.claim([P0])
    await first.erase("e1", erasure(Erased.RESULT, "a"))
    second = await opened()
    await second.claim([P0])
    assert await second.write(batch(score("a", 0), score("b", 1))) == 1
    assert await second.erased([key("a")]) == {key("a")}

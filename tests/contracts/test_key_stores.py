"""What every store of evidence's keys does, whatever it is made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from plimsoll.adapters.sqlite.key_store import SqliteKeyStore
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.scopes import Erased, Erasure, Scope
from plimsoll.domain.sealing import KeyName, WrappedKey, key_name
from plimsoll.ports.evidence_keys import EvidenceKeyStore
from plimsoll.settings.evidence import EvidenceSettings
from tests.contracts.memory_keys import KeyMemory, MemoryKeyStore
from tests.contracts.opening import opening
from tests.contracts.postgres import fresh_keys

Opener = Callable[[], Awaitable[EvidenceKeyStore]]


@pytest.fixture(params=["sqlite", "memory", "postgres"])
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opener]:
    """Opens stores on the same rows: a second one is a second process."""
    made: Callable[[], EvidenceKeyStore] = partial(MemoryKeyStore, KeyMemory())
    if request.param == "sqlite":
        patient = EvidenceSettings(path=tmp_path / "keys.db", busy_timeout_ms=120_000)
        made = partial(SqliteKeyStore, patient)
    elif request.param == "postgres":
        made = await fresh_keys(request.getfixturevalue("postgres"))
    async with opening(made) as open_one:
        yield open_one


@pytest.fixture
async def store(opened: Opener) -> EvidenceKeyStore:
    """One of them."""
    return await opened()


def named(result_id: str, subject: str = "", tenant: str = "acme") -> KeyName:
    """What a result's key goes by."""
    return key_name(ResultKey(tenant, result_id), subject)


def wrapped(text: str, master: str = "m1") -> WrappedKey:
    """A key, which no store can read."""
    return WrappedKey(master, text.encode() + b"\x00\xff")


def scope(by: Erased, id_: str = "", tenant: str = "acme") -> Scope:
    """What an order reaches."""
    return Erasure(tenant, by, id_).scope


async def test_the_first_key_stands(opened: Opener) -> None:
    """Of two scorers who seal the same result both go on with the first key."""
    one, other = await opened(), await opened()
    assert await one.keep(named("r1"), wrapped("first")) == wrapped("first")
    assert await other.keep(named("r1"), wrapped("second", "m2")) == wrapped("first")
    assert await other.find([named("r1")]) == {named("r1"): wrapped("first")}


async def test_many_at_once_agree(opened: Opener) -> None:
    """A hundred who keep twenty keys at once, in two processes, have one answer for each."""
    stores = [await opened(), await opened()]
    kept = await asyncio.gather(
        *(stores[n % 2].keep(named(f"r{n % 20}"), wrapped(str(n))) for n in range(100))
    )
    for n in range(100):
        assert kept[n] == kept[n % 20]
    assert len(set(kept)) == 20


async def test_results_subjects_and_tenants_are_apart(store: EvidenceKeyStore) -> None:
    """The same result about somebody else, and another tenant's, have keys of their own."""
    names = [named("r1"), named("r1", "ann"), named("r1", "bob"), named("r1", tenant="other")]
    for n, name in enumerate(names):
        assert await store.keep(name, wrapped(str(n))) == wrapped(str(n))
    assert await store.find(names) == {name: wrapped(str(n)) for n, name in enumerate(names)}


async def test_what_never_was_is_not_found(store: EvidenceKeyStore) -> None:
    """A key that nobody made has no entry, and asking for none gives none."""
    await store.keep(named("r1"), wrapped("k"))
    assert set(await store.find([named("r2"), named("r1")])) == {named("r1")}
    assert await store.find([]) == {}


async def test_a_key_outlives_who_made_it(opened: Opener) -> None:
    """What keep has returned is there for whoever opens the store afterwards."""
    first = await opened()
    await first.keep(named("r1", "ann"), wrapped("k"))
    await first.close()
    found = await (await opened()).find([named("r1", "ann")])
    assert found == {named("r1", "ann"): wrapped("k")}


async def filled(store: EvidenceKeyStore) -> dict[str, KeyName]:
    """Keys of three results about two people, and one of another tenant's."""
    names = {
        "ann's": named("r1", "ann"),
        "ann's second": named("r2", "ann"),
        "r2 about nobody": named("r2"),
        "bob's": named("r3", "bob"),
        "theirs": named("r1", "ann", tenant="other"),
    }
    for text, name in names.items():
        await store.keep(name, wrapped(text))
    return names


@pytest.mark.parametrize(
    ("reached", "gone"),
    [
        (scope(Erased.RESULT, "r2"), {"ann's second", "r2 about nobody"}),
        (scope(Erased.SUBJECT, "ann"), {"ann's", "ann's second", "r2 about nobody"}),
        (scope(Erased.TENANT), {"ann's", "ann's second", "r2 about nobody", "bob's"}),
        (scope(Erased.SUBJECT, "eve"), set()),
    ],
    ids=["result", "subject", "tenant", "nobody"],
)
async def test_an_order_destroys_what_it_reaches(
    opened: Opener, reached: Scope, gone: set[str]
) -> None:
    """Exactly those keys go, in every process's eyes; the count is the same the second time."""
    one, other = await opened(), await opened()
    names = await filled(one)
    assert await other.erase("e1", reached) == len(gone)
    assert await one.erase("e1", reached) == len(gone)
    found = await one.find(list(names.values()))
    assert found == {name: None if text in gone else wrapped(text) for text, name in names.items()}


async def test_what_was_erased_gets_no_key_again(opened: Opener) -> None:
    """By result, by subject, by a result that was about the subject, and by tenant."""
    one, other = await opened(), await opened()
    await filled(one)
    await one.erase("e1", scope(Erased.SUBJECT, "ann"))
    await one.erase("e2", scope(Erased.RESULT, "never seen"))
    await one.erase("e3", scope(Erased.TENANT, tenant="third"))
    for name in (
        named("r1", "ann"),
        named("new", "ann"),
        named("r1"),
        named("r2", "bob"),
        named("never seen"),
        named("any", tenant="third"),
    ):
        assert await other.keep(name, wrapped("again")) is None
        assert await other.find([name]) == {name: None}
    assert await other.keep(named("new", "bob"), wrapped("bob")) == wrapped("bob")


async def test_a_subject_of_no_name_is_nobody(store: EvidenceKeyStore) -> None:
    """Results about nobody are not reached by any subject's order."""
    await store.keep(named("r1"), wrapped("k"))
    assert await store.erase("e1", scope(Erased.SUBJECT, "ann")) == 0
    assert await store.find([named("r1")]) == {named("r1"): wrapped("k")}


async def test_erasing_and_making_at_once_leaves_no_key(opened: Opener) -> None:
    """Whoever makes keys of a subject while it is erased: afterwards there is none."""
    one, other = await opened(), await opened()
    names = [named(f"r{n}", "ann") for n in range(60)]
    await asyncio.gather(
        *(one.keep(name, wrapped("k")) for name in names[:30]),
        other.erase("e1", scope(Erased.SUBJECT, "ann")),
        *(one.keep(name, wrapped("k")) for name in names[30:]),
    )
    found = await other.find(names)
    assert found == dict.fromkeys(names)


async def test_keys_are_wrapped_anew_page_by_page(store: EvidenceKeyStore) -> None:
    """Those of another master come in order; one that has changed meanwhile is left alone."""
    names = sorted(
        (named(f"r{n}", "ann") for n in range(5)), key=lambda one: (one.result, one.subject)
    )
    for name in names:
        await store.keep(name, wrapped("old"))
    await store.keep(named("newer"), wrapped("new", "m2"))
    first = await store.wrapped_otherwise("m2", None, 3)
    assert [name for name, _ in first] == names[:3]
    rest = await store.wrapped_otherwise("m2", names[2], 3)
    assert [name for name, _ in rest] == names[3:]
    assert await store.rewrap(names[0], wrapped("old"), wrapped("new", "m2"))
    assert not await store.rewrap(names[0], wrapped("old"), wrapped("other", "m3"))
    assert await store.find([names[0]]) == {names[0]: wrapped("new", "m2")}
    left = await store.wrapped_otherwise("m2", None, 10)
    assert [name for name, _ in left] == names[1:]

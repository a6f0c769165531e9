"""What every store of memo, budgets and quotas does, whatever it is made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from plimsoll.adapters.sqlite.judge_store import SqliteJudgeStore
from plimsoll.domain.scopes import Erased, Erasure
from plimsoll.pipeline.leases import renewed
from plimsoll.ports.budgets import NOTHING, Amount, BudgetKey, Limit, Standing
from plimsoll.ports.judge_store import JudgeStore
from plimsoll.ports.memo import Asker
from plimsoll.ports.quotas import Quota
from plimsoll.settings.judges import JudgeSettings
from tests.contracts.memory_judges import JudgeMemory, MemoryJudgeStore
from tests.contracts.opening import opening
from tests.contracts.postgres import fresh_judges
from tests.support.fake_clock import FakeClock

Store = JudgeStore
Opener = Callable[[], Awaitable[Store]]

KEY = BudgetKey("acme", "rule-1", date(2026, 1, 1))
LIMIT = Limit(tokens=1_000, nano_usd=5_000)
# Two requests and a hundred tokens a second, two seconds' worth at once.
QUOTA = Quota("eu/model", 120, 6_000, timedelta(seconds=2))


@pytest.fixture
def clock() -> FakeClock:
    """One clock for all who open the store."""
    return FakeClock()


@pytest.fixture(params=["sqlite", "memory", "postgres"])
async def opened(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Opener]:
    """Opens stores on the same rows: a second one is a second process."""
    memory = JudgeMemory()
    made: Callable[[], Store] = partial(MemoryJudgeStore, memory, clock)
    if request.param == "sqlite":
        patient = JudgeSettings(path=tmp_path / "judges.db", busy_timeout_ms=120_000)
        made = partial(SqliteJudgeStore, patient, clock)
    elif request.param == "postgres":
        made = await fresh_judges(request.getfixturevalue("postgres"), clock)
    async with opening(made) as open_one:
        yield open_one


@pytest.fixture
async def store(opened: Opener) -> Store:
    """One of them."""
    return await opened()


class _Renewed:
    """A store that says when a lease was taken or renewed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.renewals: asyncio.Queue[bool] = asyncio.Queue()
        self.let_go, self.note, self.erase = store.let_go, store.note, store.erase
        self.recall, self.remember = store.recall, store.remember

    async def lead(self, tenant: str, digest: str, lease: timedelta) -> bool:
        """As the store does."""
        led = await self._store.lead(tenant, digest, lease)
        self.renewals.put_nowait(led)
        return led


async def test_the_first_reply_stands(opened: Opener) -> None:
    """Of two workers who remember the same question, both go on with the first reply."""
    one, other = await opened(), await opened()
    assert await one.recall("acme", "d1") is None
    assert await one.remember("acme", "d1", b"first\x00\xff") == b"first\x00\xff"
    assert await other.remember("acme", "d1", b"second") == b"first\x00\xff"
    assert await other.recall("acme", "d1") == b"first\x00\xff"


async def test_tenants_do_not_share_replies(store: Store) -> None:
    """The same question of another tenant is another one."""
    await store.remember("acme", "d1", b"reply")
    assert await store.recall("other", "d1") is None
    assert await store.remember("other", "d1", b"theirs") == b"theirs"


async def test_what_is_remembered_outlives_who_wrote_it(opened: Opener) -> None:
    """A reply that remember has returned is there for whoever opens the store afterwards."""
    first = await opened()
    await first.remember("acme", "d1", b"")
    await first.remember("acme", "d2", b"x" * 100_000)
    await first.close()
    assert await (await opened()).recall("acme", "d2") == b"x" * 100_000
    assert await (await opened()).recall("acme", "d1") == b""


async def asked(store: Store, digest: str, *askers: Asker, tenant: str = "acme") -> None:
    """A reply that these results have asked for."""
    for asker in askers:
        await store.note(tenant, digest, asker)
        await store.note(tenant, digest, asker)
    await store.remember(tenant, digest, b"reply")


async def test_an_erasure_takes_what_a_result_asked(opened: Opener) -> None:
    """All of its replies go, those that it shares too, in every worker's eyes; others stay."""
    one, other = await opened(), await opened()
    await asked(one, "d1", Asker("r1", "s1"))
    await asked(one, "d2", Asker("r1", "s1"), Asker("r2", "s2"))
    await asked(one, "d3", Asker("r2", "s2"))
    await asked(one, "d1", Asker("r1", "s1"), tenant="other")
    order = Erasure("acme", Erased.RESULT, "r1")
    assert await other.erase([order]) == 2
    assert [await one.recall("acme", digest) for digest in ("d1", "d2")] == [None, None]
    assert await one.recall("acme", "d3") == b"reply"
    assert await one.recall("other", "d1") == b"reply"
    assert await one.erase([order]) == 0


async def test_an_erasure_takes_what_was_asked_about_a_subject(store: Store) -> None:
    """Every result about the subject counts, and no other tenant's of the same name."""
    await asked(store, "d1", Asker("r1", "s1"))
    await asked(store, "d2", Asker("r2", "s1"))
    await asked(store, "d3", Asker("r3"))
    await asked(store, "d4", Asker("r4", "s1"), tenant="other")
    assert await store.erase([Erasure("acme", Erased.SUBJECT, "s1")]) == 2
    assert await store.recall("acme", "d3") == b"reply"
    assert await store.recall("other", "d4") == b"reply"


async def test_an_erasure_takes_all_of_a_tenant_and_no_budget(store: Store) -> None:
    """Noted or not, every reply goes; what was spent on them stays spent."""
    await asked(store, "d1", Asker("r1"))
    await store.remember("acme", "d2", b"nobody's")
    await asked(store, "d1", Asker("r1"), tenant="other")
    held = await store.reserve(KEY, Amount(100, 100), LIMIT)
    assert held is not None
    await store.settle(held, Amount(100, 100))
    orders = [Erasure("acme", Erased.TENANT), Erasure("nobody", Erased.TENANT)]
    assert await store.erase(orders) == 2
    assert await store.recall("acme", "d2") is None
    assert await store.recall("other", "d1") == b"reply"
    assert await store.standing(KEY) == Standing(Amount(100, 100), NOTHING)


async def test_what_is_erased_can_be_asked_anew(store: Store) -> None:
    """After an erasure the next reply is the first again, and is found by the next erasure."""
    order = Erasure("acme", Erased.RESULT, "r1")
    await asked(store, "d1", Asker("r1"))
    assert await store.erase([order]) == 1
    assert await store.remember("acme", "d1", b"anew") == b"anew"
    await store.note("acme", "d1", Asker("r1"))
    assert await store.erase([order]) == 1
    assert await store.recall("acme", "d1") is None


@pytest.mark.parametrize(
    ("by", "id_"), [(Erased.RESULT, ""), (Erased.SUBJECT, ""), (Erased.TENANT, "r1")]
)
def test_an_order_says_what_it_means(by: Erased, id_: str) -> None:
    """An order without its ID is a mistake, and never all of a tenant."""
    with pytest.raises(ValueError, match="an erasure by"):
        Erasure("acme", by, id_)


async def test_one_at_a_time_leads(opened: Opener, clock: FakeClock) -> None:
    """Of two workers one asks; the other may where it lets go, or where its lease is over."""
    one, other = await opened(), await opened()
    lease = timedelta(seconds=10)
    assert await one.lead("acme", "d1", lease)
    assert not await other.lead("acme", "d1", lease)
    assert await other.lead("other", "d1", lease)
    assert await one.lead("acme", "d1", lease)
    await other.let_go("acme", "d1")
    assert not await other.lead("acme", "d1", lease)
    await one.let_go("acme", "d1")
    assert await other.lead("acme", "d1", lease)
    clock.seconds += 10.0
    assert await one.lead("acme", "d1", lease)
    assert not await other.lead("acme", "d1", lease)


async def test_a_lease_is_renewed_for_as_long_as_it_is_held(
    opened: Opener, clock: FakeClock
) -> None:
    """While the first asks, for three leases' time, no other may; afterwards anybody may."""
    one, other = _Renewed(await opened()), await opened()
    lease = timedelta(seconds=9)
    assert await one.lead("acme", "d1", lease)
    began_s = clock.seconds
    async with renewed(one, ("acme", "d1"), lease, clock):
        async with asyncio.timeout(300):
            while clock.seconds < began_s + 27.0:
                await one.renewals.get()
                assert not await other.lead("acme", "d1", lease)
    assert await other.lead("acme", "d1", lease)


async def test_many_at_once(store: Store) -> None:
    """Two hundred writes that are under way together all arrive, each with its own answer."""
    replies = await asyncio.gather(
        *(store.remember("acme", f"d{n % 100}", str(n).encode()) for n in range(200))
    )
    for n in range(100):
        stands = await store.recall("acme", f"d{n}")
        assert replies[n] == replies[n + 100] == stands


async def test_a_budget_is_never_exceeded(opened: Opener) -> None:
    """Of many who reserve at once, those within the limit get it, whichever store they ask."""
    stores = [await opened(), await opened()]
    made = await asyncio.gather(
        *(stores[n % 2].reserve(KEY, Amount(300, 100), LIMIT) for n in range(10))
    )
    assert sum(one is not None for one in made) == 3
    assert await stores[0].standing(KEY) == Standing(NOTHING, Amount(900, 300))


async def test_money_and_tokens_both_bind(store: Store) -> None:
    """A limit that is None never refuses; one that is set does, to the last unit."""
    day = KEY.day
    tokens, money, none = (BudgetKey("acme", name, day) for name in ("t", "m", "n"))
    assert await store.reserve(tokens, Amount(1_000, 10**15), Limit(tokens=1_000))
    assert await store.reserve(tokens, Amount(1, 0), Limit(tokens=1_000)) is None
    assert await store.reserve(money, Amount(10**12, 5_000), Limit(nano_usd=5_000))
    assert await store.reserve(money, Amount(0, 1), Limit(nano_usd=5_000)) is None
    assert await store.reserve(none, Amount(10**15, 10**15), Limit())
    assert await store.reserve(tokens, Amount(0, 0), Limit(tokens=0)) is None


async def test_settling_gives_back_the_rest(store: Store) -> None:
    """What a call did not use is free again; what it did use stays used."""
    held = await store.reserve(KEY, Amount(800, 4_000), LIMIT)
    assert held is not None
    assert await store.reserve(KEY, Amount(300, 0), LIMIT) is None
    await store.settle(held, Amount(200, 1_000))
    assert await store.standing(KEY) == Standing(Amount(200, 1_000), NOTHING)
    assert await store.reserve(KEY, Amount(800, 4_000), LIMIT) is not None


async def test_settling_twice_changes_nothing(opened: Opener) -> None:
    """A reservation counts once, whoever settles or releases it again."""
    one, other = await opened(), await opened()
    held = await one.reserve(KEY, Amount(800, 4_000), LIMIT)
    assert held is not None
    await one.settle(held, Amount(200, 1_000))
    await other.settle(held, Amount(200, 1_000))
    await other.release(held)
    assert await one.standing(KEY) == Standing(Amount(200, 1_000), NOTHING)


async def test_releasing_gives_all_back(store: Store) -> None:
    """A call that was not made costs nothing."""
    held = await store.reserve(KEY, Amount(1_000, 0), LIMIT)
    assert held is not None
    await store.release(held)
    assert await store.standing(KEY) == Standing(NOTHING, NOTHING)


async def test_what_nobody_settled_counts_as_spent(opened: Opener) -> None:
    """A worker that dies with a call under way leaves its reservation behind."""
    first = await opened()
    await first.reserve(KEY, Amount(900, 0), LIMIT)
    await first.close()
    assert await (await opened()).reserve(KEY, Amount(200, 0), LIMIT) is None


async def test_days_policies_and_tenants_are_apart(store: Store) -> None:
    """A spent budget is nobody else's, and tomorrow there is another."""
    assert await store.reserve(KEY, Amount(1_000, 0), LIMIT)
    for key in (
        BudgetKey("acme", "rule-1", date(2026, 1, 2)),
        BudgetKey("acme", "rule-2", KEY.day),
        BudgetKey("other", "rule-1", KEY.day),
    ):
        assert await store.reserve(key, Amount(1_000, 0), LIMIT)


async def test_all_workers_take_from_one_bucket(opened: Opener, clock: FakeClock) -> None:
    """Two seconds' worth goes at once; then grants of all workers come in the order of asking."""
    one, other = await opened(), await opened()
    waits = [(await (one, other)[n % 2].take(QUOTA, 50)).wait.total_seconds() for n in range(8)]
    assert waits == pytest.approx([0, 0, 0, 0, 0.5, 1.0, 1.5, 2.0], abs=1e-5)
    clock.seconds += 1.5
    assert (await one.take(QUOTA, 50)).wait.total_seconds() == pytest.approx(1.0, abs=1e-5)


async def test_what_a_call_did_not_use_is_for_others(store: Store) -> None:
    """Settling gives tokens back and not the request; giving back gives both."""
    grant = await store.take(QUOTA, 200)
    assert grant.wait == timedelta(0)
    await store.settle_grant(grant, 50)
    second = await store.take(QUOTA, 150)
    assert second.wait == timedelta(0)
    await store.give_back(second)
    for _ in range(3):
        assert (await store.take(QUOTA, 50)).wait == timedelta(0)
    assert (await store.take(QUOTA, 0)).wait.total_seconds() == pytest.approx(0.5, abs=1e-5)


async def test_what_a_call_used_beyond_its_grant_is_taken(store: Store) -> None:
    """An answer that cost more than was reserved makes the next one wait."""
    await store.settle_grant(await store.take(QUOTA, 100), 300)
    assert (await store.take(QUOTA, 100)).wait.total_seconds() == pytest.approx(2.0, abs=1e-5)


async def test_a_grant_says_what_it_left(store: Store) -> None:
    """Of the bucket's requests and tokens, below 0 where it waits; None of what has no quota."""
    first = await store.take(QUOTA, 150)
    assert first.requests_left == pytest.approx(3, abs=1e-6)
    assert first.tokens_left == pytest.approx(50, abs=1e-6)
    only_requests = await store.take(Quota("other/model", 120), 150)
    assert only_requests.requests_left == pytest.approx(5, abs=1e-6)
    assert only_requests.tokens_left is None


async def test_quotas_are_apart(store: Store) -> None:
    """Another model's quota is full when one's is spent, and without figures none ever is."""
    await store.take(QUOTA, 1_000)
    assert (await store.take(Quota("us/model", 120, 6_000), 50)).wait == timedelta(0)
    for _ in range(100):
        assert (await store.take(Quota("unknown"), 1e6)).wait == timedelta(0)

"""What happens to a release while results and look-ups come in: nothing of it is to be noticed."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.cluster.node_files import NODE
from tests.cluster.release import SCORERS, Release, over, values
from tests.cluster.traffic import traffic, until
from tests.support.kafka import KafkaBroker


def serving(release: Release) -> set[str]:
    """The pods that results and look-ups go through."""
    return {pod for name in (SCORERS, "query", "indexer") for pod in release.pods(name)}


async def test_an_upgrade_and_its_rollback_are_not_noticed(
    release: Release, kafka: KafkaBroker
) -> None:
    """Every pod is replaced twice: no look-up fails, and nothing is lost or doubled."""
    first = serving(release)
    changed = over(values(kafka.bootstrap), {"config": {"log_level": "WARNING"}})
    async with traffic(kafka.bootstrap, release, "upgrade") as load:
        await asyncio.to_thread(release.upgrade, changed)
        await until(release.whole, "the upgrade")
        second = serving(release)
        answered = load.answered
        await asyncio.to_thread(release.roll_back)
        await until(release.whole, "the rollback")
        third = serving(release)
    assert first.isdisjoint(second)
    assert second.isdisjoint(third)
    assert load.failed == []
    assert load.answered > answered
    await load.check()


async def test_a_scorer_that_is_killed_costs_nothing(release: Release, kafka: KafkaBroker) -> None:
    """SIGKILL takes a scorer's process; the kubelet starts it anew; nothing is lost or doubled."""
    victim = release.pods(SCORERS)[0]
    async with traffic(kafka.bootstrap, release, "killed") as load:
        release.kill(victim)
        await until(lambda: release.restarts(victim) >= 1, "the restart")
        await until(release.whole, "the recovery")
    assert load.failed == []
    await load.check()


def refused(said: Path, component: str) -> bool:
    """Whether an eviction of one of a component's pods was refused for a disruption budget."""
    lines = said.read_text(encoding="utf-8").splitlines()
    return any("disruption budget" in line and f"-{component}-" in line for line in lines)


async def test_a_drained_node_keeps_the_service(release: Release, kafka: KafkaBroker) -> None:
    """Evictions stop at the disruption budgets, look-ups go on, and nothing is lost in the end."""
    cluster = release.cluster
    async with traffic(kafka.bootstrap, release, "drained") as load:
        try:
            with cluster.kubectl_beside("drain", NODE, "--delete-emptydir-data") as said:
                for component in (SCORERS, "query"):
                    await until(
                        lambda it=component: refused(said, it),  # type: ignore[misc]  # bound at once
                        f"an eviction of {component} that is refused",
                    )
                    await until(
                        lambda it=component: release.ready(it) == 1,  # type: ignore[misc]  # bound at once
                        f"the pod of {component} that is kept",
                    )
                answered = load.answered
                await until(lambda: load.answered > answered + 50, "look-ups meanwhile")
        finally:
            await asyncio.to_thread(cluster.kubectl, "uncordon", NODE)
        await until(release.whole, "the recovery")
    assert load.failed == []
    await load.check()

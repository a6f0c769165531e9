"""The topics on a cluster held against the catalogue: missing ones are made, others compared."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from plimsoll.adapters.kafka.admin import KafkaAdmin, TopicFacts, TopicSpec
from plimsoll.domain.errors import RetryableError
from plimsoll.settings.topic_catalogue import TopicRole, named_topics
from plimsoll.settings.topics import TopicNames

_MOST_REPLICAS = 3
_LEADER_LOOKS = 100
_BETWEEN_LOOKS_S = 0.1


class State(StrEnum):
    """How a topic stands to the catalogue; BREAKS loses or refuses records sooner or later.

    HIDDEN is one that this user has no right to, there or not.
    """

    CREATED = "created"
    MISSING = "missing"
    HIDDEN = "may not be seen"
    SAME = "as it should be"
    DIFFERS = "differs"
    BREAKS = "must be changed"


@dataclass(frozen=True, slots=True)
class TopicReport:
    """One topic on the cluster; `notes` say what differs and what to do."""

    role: TopicRole
    name: str
    state: State
    partitions: int
    replication: int
    notes: tuple[str, ...] = ()


async def apply_topics(
    admin: KafkaAdmin, names: TopicNames, partitions: int | None, replication: int | None
) -> Sequence[TopicReport]:
    """Creates what is missing and waits for its leaders; what is there is compared, not changed.

    Without `partitions` the catalogue's, without `replication` three or as many as brokers.
    """
    copies = replication or min(_MOST_REPLICAS, await admin.brokers())
    specs = [
        TopicSpec(name, partitions or role.partitions, copies, role.configs)
        for name, role in named_topics(names)
    ]
    made = set(await admin.create(specs))
    await _led(admin, made)
    return await compare_topics(admin, names, made)


async def compare_topics(
    admin: KafkaAdmin, names: TopicNames, made: set[str] | None = None
) -> Sequence[TopicReport]:
    """Every topic of the catalogue as the cluster has it."""
    have = {facts.name: facts for facts in await admin.describe()}
    return [
        await _report(admin, name, role, have.get(name), name in (made or ()))
        for name, role in named_topics(names)
    ]


async def _report(
    admin: KafkaAdmin, name: str, role: TopicRole, facts: TopicFacts | None, is_new: bool
) -> TopicReport:
    if facts is None and await admin.hides(name):
        note = "this user has no right to it: whether there is such a topic cannot be told"
        return TopicReport(role, name, State.HIDDEN, 0, 0, (note,))
    if facts is None:
        note = "there is no such topic: run `plimsoll topics apply`"
        return TopicReport(role, name, State.MISSING, 0, 0, (note,))
    configs = await admin.configs(name)
    broken = tuple(_breaks(role, configs, facts))
    notes = tuple(_differs(role, configs, facts))
    state = State.CREATED if is_new else (State.DIFFERS if notes else State.SAME)
    if broken:
        state = State.BREAKS
    return TopicReport(role, name, state, facts.partitions, facts.replication, (*broken, *notes))


def _breaks(role: TopicRole, configs: Mapping[str, str], facts: TopicFacts) -> Iterator[str]:
    if facts.leaderless:
        yield f"{facts.leaderless} partitions have no leader: look at the brokers"
    most = configs.get("max.message.bytes", "")
    if most.isdigit() and int(most) < role.max_message_bytes:
        yield _alter("max.message.bytes", most, str(role.max_message_bytes), "larger are refused")
    policy = configs.get("cleanup.policy")
    if policy is not None and policy != role.cleanup:
        yield _alter("cleanup.policy", policy, role.cleanup, "compaction drops what is needed")
    kept = configs.get("retention.ms")
    if kept is not None and role.retention is None and kept != "-1":
        yield _alter("retention.ms", kept, "-1", "what it forgets cannot be rebuilt")


def _differs(role: TopicRole, configs: Mapping[str, str], facts: TopicFacts) -> Iterator[str]:
    if facts.partitions != role.partitions:
        kept = "; leave it so: keys would move" if role.keeps_partitions else ""
        yield f"has {facts.partitions} partitions, the catalogue says {role.partitions}{kept}"
    wanted = dict(role.configs)["retention.ms"]
    kept_ms = configs.get("retention.ms", wanted)
    if role.retention is not None and kept_ms != wanted:
        yield f"retention.ms is {kept_ms}, the catalogue says {wanted}"


def _alter(name: str, found: str, wanted: str, why: str) -> str:
    return f"{name} is {found}, not {wanted} ({why}): set it with your cluster's tools"


async def _led(admin: KafkaAdmin, names: set[str]) -> None:
    for _ in range(_LEADER_LOOKS):
        have = {facts.name: facts for facts in await admin.describe()}
        if all(name in have and not have[name].leaderless for name in names):
            return
        await asyncio.sleep(_BETWEEN_LOOKS_S)
    raise RetryableError(f"{', '.join(sorted(names))}: partitions without a leader")

"""The topics that the observer needs: the scores, which exist, and its own changelog."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from plimsoll.adapters.faust.stream import changelog_topic
from plimsoll.adapters.kafka.admin import KafkaAdmin, TopicFacts, TopicSpec
from plimsoll.domain.errors import ConfigurationError, RetryableError
from plimsoll.settings.model import Settings
from plimsoll.settings.observer import ObserverSettings

_LOOKS = 100
_BETWEEN_LOOKS_S = 0.1
# Time for a process that was stopped in the middle of a write to come back and lose the race
# against the newer value: until then both values must still be there to choose from.
_UNCOMPACTED = timedelta(hours=1)


async def prepare_topics(settings: Settings, app_id: str) -> int:
    """Creates the changelog topic where it is missing; gives the partitions of the scores topic.

    ConfigurationError where the scores topic is missing or the two do not match, FatalError where
    this user lacks a right to them or to the group of that name.
    """
    scores, changelog = settings.topics.scores, changelog_topic(app_id)
    async with KafkaAdmin(settings.kafka) as admin:
        source = (await _topics(admin)).get(scores)
        if source is None:
            await admin.demand_visible(scores)
            raise ConfigurationError(
                f"there is no topic {scores} on {settings.kafka.bootstrap_servers}: run "
                "`plimsoll topics apply`, or set topics.scores"
            )
        # faust waits without a word for a group that it may not join.
        await admin.members(app_id)
        await admin.create([_changelog_spec(changelog, source.partitions, settings.observer)])
        for _ in range(_LOOKS):
            made = (await _topics(admin)).get(changelog)
            if made is not None and not made.leaderless:
                break
            await asyncio.sleep(_BETWEEN_LOOKS_S)
        else:
            raise RetryableError(f"topic {changelog} has partitions without a leader")
    if made.partitions != source.partitions:
        raise ConfigurationError(
            f"topic {scores} has {source.partitions} partitions, its changelog {changelog} "
            f"{made.partitions}: set another observer.app_id, which counts the topic afresh"
        )
    return source.partitions


async def _topics(admin: KafkaAdmin) -> dict[str, TopicFacts]:
    return {facts.name: facts for facts in await admin.describe()}


def _changelog_spec(name: str, partitions: int, settings: ObserverSettings) -> TopicSpec:
    kept = timedelta(seconds=settings.window_s + settings.grace_s) + _UNCOMPACTED
    configs = (
        ("cleanup.policy", "compact"),
        ("min.compaction.lag.ms", str(int(kept / timedelta(milliseconds=1)))),
    )
    return TopicSpec(name, partitions, settings.replication, configs)

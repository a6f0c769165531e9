"""What is learned stays the same while observers are killed and come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from operator import ne
from pathlib import Path

import pytest

from plimsoll.calibration.learning.fold import Learning
from plimsoll.calibration.learning.places import LabelPlace
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.domain.learned import LearnedScope
from plimsoll.settings.model import Settings
from plimsoll.wire.feedback import decode_feedback
from plimsoll.wire.learned import decode_learned
from tests.integration.test_learning import send_labels
from tests.support.reader import DONE_DEADLINE_S, read_topic
from tests.support.scored_events import at_ms
from tests.support.services import Fleet, bury, fleet
from tests.support.topics import delete_topics, make_topics, unique_names
from tests.unit.calibration.learning.values import label, learned

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

# Promises are made, taken back, and made anew after that.
ROUNDS = (
    [label(number, number < 130 and number % 12 != 0) for number in range(148)],
    [label(number, True) for number in range(200, 330)],
)


def pair(ships: Fleet, settings: Settings) -> None:
    """Two more observers, of which one will lead."""
    for _ in range(2):
        ships.start("plimsoll.observer", settings)


async def folded(settings: Settings) -> LearnedScope:
    """What comes of all labels of the topic, learned in one go by nobody who could be killed."""
    learning = Learning(LearningRules())
    for record in await read_topic(settings.kafka.bootstrap_servers, settings.topics.feedback):
        place = LabelPlace(at_ms(record.timestamp), record.partition, record.offset)
        learning.fold(decode_feedback(record.value), place)
    return learned(learning)


async def held(settings: Settings) -> LearnedScope | None:
    """The last record of the one scope there is."""
    topic = settings.topics.calibrations
    records = await read_topic(settings.kafka.bootstrap_servers, topic)
    return decode_learned(records[-1].value) if records else None


async def until(
    settings: Settings, ships: Fleet, done: Callable[[LearnedScope | None], bool]
) -> None:
    """Returns when the last record is as wanted."""
    async with asyncio.timeout(DONE_DEADLINE_S):
        while not done(await held(settings)):
            assert len(ships.running()) == 2
            await asyncio.sleep(0.2)


async def test_what_is_learned_is_exact_under_kills(settings: Settings, tmp_path: Path) -> None:
    """Two observers, both killed as soon as labels have come: the end is that of one fold.

    So every certificate, revocation and watch is there once, wherever the kill fell between taking
    a label and publishing what it taught. Labels are in one partition, so that there is one order.
    """
    # The dead are buried: whoever stands still for a while keeps its place.
    settings.kafka.session_timeout_ms = 12_000
    names, bootstrap = unique_names(), settings.kafka.bootstrap_servers
    settings.topics.feedback, settings.topics.calibrations = names.feedback, names.calibrations
    own = [names.feedback, names.calibrations]
    await make_topics(bootstrap, own, partitions=1)
    with fleet(tmp_path / "fleet") as ships:
        pair(ships, settings)
        for labels in ROUNDS:
            before, half = await held(settings), len(labels) // 2
            await send_labels(settings, labels[:half])
            await until(settings, ships, partial(ne, before))
            await send_labels(settings, labels[half:])
            victims = ships.running()
            for victim in victims:
                victim.kill()
            await bury(bootstrap, settings.observer.app_id, *victims)
            pair(ships, settings)
        wanted = await folded(settings)
        await until(settings, ships, lambda now: now == wanted)
    assert [one.error_rate for one in wanted.certificates if one.revoke_time is not None]
    assert [one.error_rate for one in wanted.certificates if one.revoke_time is None]
    await delete_topics(bootstrap, own)

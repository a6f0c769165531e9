"""Poison among good records is put aside with its bytes and a reason, and delays nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.settings.model import Settings
from tests.faults.scene import assert_sound, scene
from tests.support.garbage import garbage
from tests.support.load import Outgoing, produce, stream
from tests.support.reader import as_dead, header, read_topic
from tests.support.services import wait_for_members

pytestmark = [pytest.mark.kafka, pytest.mark.fault]

SEED = 4801
RECORDS = 300


async def test_poison_in_the_middle_of_good_records(settings: Settings, tmp_path: Path) -> None:
    """Every kind of garbage ends in the dead letters, its bytes, key and headers kept."""
    async with scene(settings, tmp_path, SEED) as play:
        spoilt = garbage(play.chance)
        records: list[Outgoing] = [*stream(play.chance, RECORDS), *spoilt.values()]
        play.chance.shuffle(records)
        scorer = play.fleet.scorer(settings)
        await wait_for_members(play.bootstrap, play.group, 1)
        await produce(play.bootstrap, play.results, records)
        run = await play.settled()
        assert scorer.alive
    assert_sound(run, samples_at_least=5)
    letters = await read_topic(play.bootstrap, settings.topics.dead_letters)
    kept = {(letter.key, as_dead(letter).value) for letter in letters}
    assert {(record.key, record.value) for record in spoilt.values()} <= kept
    for letter in letters:
        assert header(letter, "test-results") == "[null]"
        assert header(letter, "plimsoll-dlq-reason")
        assert header(letter, "plimsoll-dlq-detail")
        assert int(header(letter, "plimsoll-dlq-attempts")) >= 1
    for reason in sorted({header(letter, "plimsoll-dlq-reason") for letter in letters}):
        print(reason)

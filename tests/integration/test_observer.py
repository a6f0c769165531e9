"""One observer on a real Kafka."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from math import inf
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.faust.application import StreamSpec
from plimsoll.adapters.faust.stream import FaustStream, changelog_topic
from plimsoll.adapters.kafka.admin import KafkaAdmin, TopicSpec
from plimsoll.adapters.kafka.security import security_arguments
from plimsoll.domain.errors import ConfigurationError, FatalError, RetryableError
from plimsoll.observer.app import run_observer
from plimsoll.pipeline.observing import Observing, ObservingRules
from plimsoll.pipeline.windows import WindowRules
from plimsoll.ports.telemetry import CONSUMER_LAG_SECONDS
from plimsoll.settings.kafka import KafkaSettings
from plimsoll.settings.model import Settings
from plimsoll.wire.window_state import newer_value
from tests.support.counting_telemetry import Figures
from tests.support.kafka import UNKILLED_MS, KafkaBroker, Scram
from tests.support.observed import Emission, emissions, emit, expected, wait_for, windows_of
from tests.support.odd_records import ODD_NAME, send_in_one_batch
from tests.support.ports import free_port
from tests.support.reader import read_topic
from tests.support.scored_events import scored_event
from tests.support.scraping import scraped_by_labels
from tests.support.services import fleet
from tests.support.topics import all_names, delete_topics, make_topics

pytestmark = pytest.mark.kafka

EVENTS = emissions(random.Random(1871), 600, minutes=3)


@asynccontextmanager
async def observing(settings: Settings) -> AsyncIterator[asyncio.Task[None]]:
    """An observer in this process that has recovered its state."""
    ready = asyncio.Event()
    running = asyncio.create_task(run_observer(settings, ready.set))
    waiting = asyncio.create_task(ready.wait())
    try:
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        yield running
    finally:
        waiting.cancel()
        running.cancel()
        await asyncio.wait({running})


async def observed(
    settings: Settings, events: Sequence[Emission] = EVENTS, bootstrap: str | None = None
) -> None:
    """Returns when the windows of these events are on their topic."""
    at, quality = bootstrap or settings.kafka.bootstrap_servers, settings.topics.quality
    async with observing(settings) as running:
        await wait_for(at, quality, expected(events), lambda: not running.done())


async def test_windows_of_what_is_on_the_topic(settings: Settings) -> None:
    """Duplicates, rescores and poison among them, every window counts each result once."""
    await emit(settings.kafka.bootstrap_servers, settings.topics.scores, EVENTS, 10_000)
    await observed(settings)


async def test_it_tells_that_it_is_caught_up(settings: Settings) -> None:
    """Once all is counted the lag of every partition is 0 s."""
    settings.observer.telemetry_port = free_port()
    await emit(settings.kafka.bootstrap_servers, settings.topics.scores, EVENTS, 10_000)
    group, scores = settings.observer.app_id, settings.topics.scores
    async with KafkaAdmin(settings.kafka) as admin:
        partitions = {topic.name: topic.partitions for topic in await admin.describe()}
    caught_up = {(group, scores, str(number)): 0.0 for number in range(partitions[scores])}
    async with observing(settings) as running:
        for _ in range(1_500):
            told = await asyncio.to_thread(
                scraped_by_labels, settings.observer.telemetry_port, CONSUMER_LAG_SECONDS
            )
            if told == caught_up or running.done():
                break
            await asyncio.sleep(0.2)
    assert told == caught_up


async def test_a_second_life_goes_on_from_the_saved_state(settings: Settings) -> None:
    """Results that were counted before a restart are known as duplicates after it."""
    bootstrap, topics = settings.kafka.bootstrap_servers, settings.topics
    await emit(bootstrap, topics.scores, EVENTS, 10_000)
    await observed(settings)
    last = EVENTS[-1].timestamp_ms
    fresh = [Emission(scored_event(f"new-{n}", last), last) for n in range(40)]
    await emit(bootstrap, topics.scores, [*EVENTS, *fresh], 10_000)
    await observed(settings, [*EVENTS, *fresh])


async def test_without_recovery_every_start_counts_afresh(settings: Settings) -> None:
    """On a broker that keeps no state the whole topic is counted again, to the same windows."""
    settings.observer.recover = False
    await emit(settings.kafka.bootstrap_servers, settings.topics.scores, EVENTS, 10_000)
    await observed(settings)
    await observed(settings)


async def test_windows_that_are_over_leave_the_changelog(settings: Settings) -> None:
    """Segments of windows past their grace are deleted; the state stays as small as the grace."""
    settings.observer.grace_s = 0
    bootstrap, topics = settings.kafka.bootstrap_servers, settings.topics
    events = sorted(EVENTS, key=lambda event: event.timestamp_ms)
    await emit(bootstrap, topics.scores, events, 10_000)
    topic = changelog_topic(settings.observer.app_id)
    async with observing(settings):
        for _ in range(600):
            live: dict[bytes, bytes] = {}
            for record in await read_topic(bootstrap, topic):
                live.pop(record.key, None)
                if record.value is not None:
                    live[record.key] = record.value
            starts = {key.split(b"/")[1] for key in live} - {b"progress"}
            if len(starts) == 1 and await windows_of(bootstrap, topics.quality):
                break
            await asyncio.sleep(0.2)
    assert len(starts) == 1


async def test_a_missing_scores_topic_is_named(settings: Settings) -> None:
    """Without its source the observer ends with the topic's name and what to do."""
    settings.topics.scores = "nowhere"
    with pytest.raises(ConfigurationError, match=r"no topic nowhere .*topics apply"):
        await run_observer(settings)


async def test_a_changelog_of_another_width_is_refused(settings: Settings) -> None:
    """State that was cut for other partitions is never used."""
    topic = changelog_topic(settings.observer.app_id)
    async with KafkaAdmin(settings.kafka) as admin:
        await admin.create([TopicSpec(topic, 3, configs=(("cleanup.policy", "compact"),))])
    with pytest.raises(ConfigurationError, match=r"4 partitions, its changelog .* 3"):
        await run_observer(settings)


async def test_state_of_an_earlier_topic_of_that_name_is_refused(settings: Settings) -> None:
    """A scores topic that was made anew ends the observer, which would else skip its records."""
    bootstrap, scores = settings.kafka.bootstrap_servers, settings.topics.scores
    await emit(bootstrap, scores, EVENTS, 10_000)
    await observed(settings)
    async with KafkaAdmin(settings.kafka) as admin, asyncio.timeout(300):
        while scores in {facts.name for facts in await admin.describe()}:
            await delete_topics(bootstrap, [scores])
    await make_topics(bootstrap, [scores])
    with pytest.raises(FatalError, match=r"made anew; set another observer\.app_id"):
        await run_observer(settings)


async def lag(settings: Settings) -> float:
    """How many events the observer has not committed; infinite where nobody can tell now."""
    with suppress(RetryableError):
        async with KafkaAdmin(settings.kafka) as admin:
            at = await admin.progress(settings.topics.scores, settings.observer.app_id)
            return sum(partition.lag for partition in at)
    return inf


async def test_sigterm_ends_it_with_what_was_gathered_published(
    settings: Settings, tmp_path: Path
) -> None:
    """Exit code 0, and the windows are whole though the next publication was far off."""
    settings.observer.publish_interval_ms = 600_000
    bootstrap, topics = settings.kafka.bootstrap_servers, settings.topics
    await emit(bootstrap, topics.scores, EVENTS, 10_000)
    with fleet(tmp_path / "fleet") as ships:
        service = ships.start("plimsoll.observer", settings)
        async with asyncio.timeout(300):
            while await lag(settings) > 0:  # noqa: ASYNC110 - only asking tells
                await asyncio.sleep(0.2)
        service.terminate()
        assert await service.ended() == 0
    await wait_for(bootstrap, topics.quality, expected(EVENTS), lambda: True)


async def test_it_speaks_scram(settings: Settings, tmp_path: Path) -> None:
    """With SASL/SCRAM from the settings, faust's clients and ours come in."""
    broker = KafkaBroker(tmp_path / "strict", Scram(), session_ms=UNKILLED_MS)
    broker.start()
    try:
        await make_topics(broker.bootstrap, all_names(settings.topics))
        await emit(broker.bootstrap, settings.topics.scores, EVENTS, 10_000)
        kafka = settings.kafka.model_dump() | {
            "bootstrap_servers": broker.sasl_bootstrap,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_username": "plimsoll",
            "sasl_password": "load-line",
        }
        settings.kafka = type(settings.kafka)(**kafka)
        await observed(settings, bootstrap=broker.bootstrap)
    finally:
        broker.kill()


async def test_brokers_that_are_away_at_the_start_are_waited_for(settings: Settings) -> None:
    """Nobody listens when the stream starts: that passes, and is no end of the observer."""
    away = KafkaSettings(bootstrap_servers=f"127.0.0.1:{free_port()}")
    spec = StreamSpec("observer-away", settings.topics.scores, 4)
    rules = ObservingRules(
        settings.topics.quality, WindowRules(60_000, 120_000), "observers", settings.topics.scores
    )
    stream = FaustStream(away, security_arguments(away), spec, newer_value, SystemClock())
    with pytest.raises(RetryableError, match="starting observer-away"):
        await stream.start(Observing(rules, stream, SystemClock(), Figures()))
    await stream.stop()


async def test_a_header_name_that_is_no_text_hides_nothing(settings: Settings) -> None:
    """A record with such a header counts like any other, and so do those around it in its batch."""
    bootstrap, scores = settings.kafka.bootstrap_servers, settings.topics.scores
    last = EVENTS[-1].timestamp_ms
    odd = [Emission(scored_event(f"odd-{n}", last), last) for n in range(3)]
    await emit(bootstrap, scores, EVENTS[:100], 10_000)
    with capture_logs() as logs:
        async with observing(settings) as running:
            batch = [(one.key, one.value, [(ODD_NAME, b"x")] if n == 1 else []) for n, one in
                     enumerate(odd)]  # fmt: skip
            await send_in_one_batch(bootstrap, scores, 0, batch)
            await emit(bootstrap, scores, EVENTS[100:], 10_000)
            wanted = expected([*EVENTS, *odd])
            quality = settings.topics.quality
            await wait_for(bootstrap, quality, wanted, lambda: not running.done())
    events = [one["event"] for one in logs]
    assert "observer.records.reread" in events
    assert "observer.restarting" not in events


async def test_an_observer_leaves_no_folder_behind(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither where it runs nor among temporary files: one that is killed has nothing to remove."""
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    for folder in (here, temporary):
        folder.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    async with observing(settings):
        assert [*here.iterdir(), *temporary.iterdir()] == []

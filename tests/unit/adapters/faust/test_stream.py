"""What a stream makes of a send that fails, and what is left of one that was given up."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
from aiokafka.errors import KafkaTimeoutError, TopicAuthorizationFailedError
from faust.exceptions import ProducerSendError

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.faust.application import StreamSpec
from plimsoll.adapters.faust.stream import FaustStream
from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.domain.record import OutRecord
from plimsoll.settings.kafka import KafkaSettings
from plimsoll.wire.window_state import newer_value


class Producer:
    """Refuses every send: at once, or once the broker has answered."""

    def __init__(self, error: Exception, *, at_once: bool) -> None:
        self.error = error
        self.at_once = at_once

    async def send(self, *_record: object) -> asyncio.Future[None]:
        """As faust's own, which wraps what it is told at once."""
        if self.at_once:
            raise ProducerSendError(f"Error while sending: {self.error!r}") from self.error
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        answer.set_exception(self.error)
        return answer


@pytest.mark.parametrize("at_once", [True, False])
async def test_what_brokers_refuse_for_good_is_not_sent_again(
    monkeypatch: pytest.MonkeyPatch, *, at_once: bool
) -> None:
    """A lacking right ends the observer with topic and remedy; what passes is waited for."""
    kafka, spec = KafkaSettings(bootstrap_servers="127.0.0.1:1"), StreamSpec("app", "scores", 4)
    stream = FaustStream(kafka, {}, spec, newer_value, SystemClock())
    producer = Producer(TopicAuthorizationFailedError("app-windows-changelog"), at_once=at_once)

    async def given() -> Producer:
        return producer

    monkeypatch.setattr(stream._app, "maybe_start_producer", given)
    with pytest.raises(FatalError, match=r"app-windows-changelog.*plimsoll topics rights"):
        await stream.write(0, [(b"key", b"value")])
    with pytest.raises(FatalError, match=r"to quality.*plimsoll topics rights"):
        await stream.publish([OutRecord("quality", b"key", b"value", ())])
    producer.error = KafkaTimeoutError()
    with pytest.raises(RetryableError):
        await stream.write(0, [(b"key", b"value")])


async def test_nothing_is_left_of_a_stream_that_was_given_up() -> None:
    """An observer that starts anew again and again does not keep the state of all its lives."""
    kafka, spec = KafkaSettings(bootstrap_servers="127.0.0.1:1"), StreamSpec("app", "scores", 4)
    stream = FaustStream(kafka, {}, spec, newer_value, SystemClock())
    left = weakref.ref(stream)
    del stream
    gc.collect()
    assert left() is None

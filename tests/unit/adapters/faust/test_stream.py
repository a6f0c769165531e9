"""What is left of a stream that was given up."""

from __future__ import annotations

import gc
import weakref

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.faust.application import StreamSpec
from plimsoll.adapters.faust.stream import FaustStream
from plimsoll.settings.kafka import KafkaSettings
from plimsoll.wire.window_state import newer_value


async def test_nothing_is_left_of_a_stream_that_was_given_up() -> None:
    """An observer that starts anew again and again does not keep the state of all its lives."""
    kafka, spec = KafkaSettings(bootstrap_servers="127.0.0.1:1"), StreamSpec("app", "scores", 4)
    stream = FaustStream(kafka, {}, spec, newer_value, SystemClock())
    left = weakref.ref(stream)
    del stream
    gc.collect()
    assert left() is None

"""The SDK's own time is virtual in its tests: no pause of the machine comes before an event."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.support.virtual_time import VirtualLoop

# What talks to real sockets waits in real time.
_REAL = ("test_client.py",)


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Loops whose clock jumps to whatever is due next."""
    if item.path.name in _REAL:
        return {"real": asyncio.new_event_loop}
    return {"virtual": VirtualLoop}

"""Deadlines of the SDK's own tests pass in virtual time: no machine is too slow for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.support.virtual_time import VirtualLoop

VIRTUAL = {"test_connection", "test_gate", "test_publisher", "test_subscription"}


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The event loop of each test."""
    if item.path.stem in VIRTUAL:
        return {"virtual": VirtualLoop}
    return {"real": asyncio.new_event_loop}

"""Publishes results with many in flight, and tells of each acknowledgement."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from plimsoll.cli.lines import BadLine, Line
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Position
from plimsoll.sdk.publisher import Publisher

_IN_FLIGHT = 500


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A result that the broker has."""

    key: ResultKey
    position: Position


async def publish_lines(
    publisher: Publisher, lines: Iterable[Line | BadLine]
) -> AsyncIterator[Acknowledged | BadLine]:
    """Sends in order; yields in order. What a scorer could only park comes back as a bad line."""
    waiting: deque[asyncio.Task[Acknowledged | BadLine]] = deque()
    try:
        for line in lines:
            waiting.append(asyncio.create_task(_publish(publisher, line)))
            if len(waiting) >= _IN_FLIGHT:
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _publish(publisher: Publisher, line: Line | BadLine) -> Acknowledged | BadLine:
    if isinstance(line, BadLine):
        return line
    try:
        position = await publisher.publish(line.result)
    except ValueError as error:
        return BadLine(line.number, str(error))
    return Acknowledged(line.result.key, position)

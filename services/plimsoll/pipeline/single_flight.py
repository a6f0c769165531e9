"""One at a time asks for the same thing; the others wait, and then find what it has found."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from plimsoll.domain.absence import Absence, AbsenceReason


class Flight:
    """A `Gate` that opens when somebody else has come back, with or without an answer."""

    absence = Absence(AbsenceReason.THROTTLED, "another result waited for the same judgement")

    def __init__(self) -> None:
        self._landed = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether it is over."""
        return self._landed.is_set()

    async def opened(self) -> None:
        """Returns when it is."""
        await self._landed.wait()

    def land(self) -> None:
        """It is over."""
        self._landed.set()


class SingleFlight:
    """Who is under way for what; as large as what is in hand."""

    def __init__(self) -> None:
        self._flights: dict[tuple[str, str], Flight] = {}

    def under_way(self, key: tuple[str, str]) -> Flight | None:
        """The flight that one may wait for."""
        return self._flights.get(key)

    @contextmanager
    def leading(self, key: tuple[str, str]) -> Iterator[None]:
        """Others wait from now on until this is left, however it is left."""
        flight = self._flights[key] = Flight()
        try:
            yield
        finally:
            del self._flights[key]
            flight.land()

"""Starting stores that may be away."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from plimsoll.domain.errors import FatalError, PlimsollError, RetryableError
from plimsoll.pipeline.starting import at_once, when_there
from tests.support.fake_clock import FakeClock


class Late:
    """A store that raises these one after the other, then starts."""

    def __init__(self, *errors: PlimsollError) -> None:
        self._errors = list(errors)
        self.started = False

    async def start(self) -> None:
        """Raises what is left of them."""
        if self._errors:
            raise self._errors.pop(0)
        self.started = True


async def test_what_is_away_is_waited_for_and_told_of_once_for_each_reason() -> None:
    """Fifty failures for two reasons are two warnings, fifty counts and one line in the end."""
    refused, starting = RetryableError("refused"), RetryableError("starting up")
    store, counted = Late(*[refused] * 30, *[starting] * 20), list[None]()
    with capture_logs() as told:
        await when_there("keys", FakeClock(), lambda: counted.append(None))(store)
    assert store.started
    assert len(counted) == 50
    assert [(one["event"], one["log_level"], one["store"], one.get("error")) for one in told] == [
        ("store.waits", "warning", "keys", "refused"),
        ("store.waits", "warning", "keys", "starting up"),
        ("store.there", "info", "keys", None),
    ]


async def test_what_is_there_is_not_told_of() -> None:
    """A start without a failure says nothing and counts nothing."""
    store, counted = Late(), list[None]()
    with capture_logs() as told:
        await when_there("keys", FakeClock(), lambda: counted.append(None))(store)
    assert (store.started, counted, told) == (True, [], [])


async def test_what_can_never_serve_is_not_waited_for() -> None:
    """Its error passes through, also after others that were waited for."""
    store = Late(RetryableError("refused"), FatalError("no such schema"))
    with pytest.raises(FatalError, match="no such schema"):
        await when_there("keys", FakeClock(), lambda: None)(store)
    assert not store.started


async def test_at_once_waits_for_nothing() -> None:
    """What is away is an error for whoever asked."""
    with pytest.raises(RetryableError):
        await at_once(Late(RetryableError("refused")))

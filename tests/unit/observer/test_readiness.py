"""An observer says that it is ready for as long as it is, and no longer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.cli.commands import services
from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.settings.model import Settings


def test_the_ready_file_goes_while_it_starts_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each life begins without the file, one of an earlier process too, and makes it itself."""
    file, found = tmp_path / "ready", []
    file.touch()

    async def live(
        _settings: Settings,
        _telemetry: PrometheusTelemetry,
        _stop: asyncio.Event,
        ready: Callable[[], None],
    ) -> None:
        before = file.exists()
        ready()
        found.append((before, file.exists()))
        if len(found) == 3:
            raise FatalError("enough")
        raise RetryableError("the brokers are away", timedelta(0))

    monkeypatch.setattr("plimsoll.observer.app._observe", live)
    monkeypatch.setattr("plimsoll.cli.opening.settings_for_service", lambda _config: Settings())
    with pytest.raises(FatalError, match="enough"):
        services.observer(ready_file=file)
    assert found == [(False, True)] * 3

"""How a command begins: settings, what is odd about them, and quiet logs."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plimsoll.settings.model import Settings

# What these say of a broker that is away, a command says in one line of its own.
_TALKATIVE = ("aiokafka", "asyncio", "grpc", "faust", "mode", "plimsoll.adapters.kafka.connection")


def settings_for_service(config: Path | None) -> Settings:
    """Settings and logs of a process that runs for long."""
    from plimsoll.adapters.telemetry.logs import configure_logs

    settings = _load(config)
    configure_logs(settings.log_level, settings.log_format)
    return settings


def settings_for_command(config: Path | None) -> Settings:
    """Settings of a command that answers and ends; only warnings reach its standard error."""
    settings = _load(config)
    quiet_logs(settings)
    return settings


def quiet_logs(settings: Settings) -> None:
    """Lets nothing but warnings of ours through, unless everything is asked for."""
    from plimsoll.adapters.telemetry.logs import configure_logs

    everything = settings.log_level.upper() == "DEBUG"
    configure_logs(settings.log_level if everything else "WARNING", settings.log_format)
    if not everything:
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _load(config: Path | None) -> Settings:
    from plimsoll.settings.model import Settings, load_settings
    from plimsoll.settings.sources import unknown_variables

    settings = load_settings(config)
    for odd in unknown_variables(Settings):
        sys.stderr.write(f"plimsoll: warning: {odd}\n")
    return settings

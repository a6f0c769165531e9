"""`python -m plimsoll.observer`: one observer, set up from the environment."""

from __future__ import annotations

import asyncio
import sys

import structlog

from plimsoll.adapters.telemetry.logs import configure_logs
from plimsoll.domain.errors import FatalError
from plimsoll.observer.app import run_observer
from plimsoll.settings.model import Settings


def main() -> int:
    """0 after a drain, 1 where no record can succeed."""
    settings = Settings()
    configure_logs(settings.log_level, settings.log_format)
    try:
        asyncio.run(run_observer(settings))
    except FatalError as error:
        structlog.get_logger(__name__).error("observer.failed", error=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

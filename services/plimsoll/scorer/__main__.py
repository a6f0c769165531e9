"""`python -m plimsoll.scorer`: one scorer worker, set up from the environment."""

from __future__ import annotations

import asyncio
import sys

import structlog

from plimsoll.adapters.telemetry.logs import configure_logs
from plimsoll.domain.errors import FatalError
from plimsoll.scorer.app import run_scorer
from plimsoll.settings.model import Settings


def main() -> int:
    """0 after a drain, 1 where no record can succeed."""
    settings = Settings()
    configure_logs(settings.log_level, settings.log_format)
    try:
        asyncio.run(run_scorer(settings))
    except FatalError as error:
        structlog.get_logger(__name__).error("scorer.failed", error=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

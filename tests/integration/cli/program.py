"""The program as a process, with the settings of a test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from plimsoll.settings.model import Settings
from tests.support.environment import environment

TIMEOUT_S = 600


@dataclass(frozen=True)
class Ended:
    """Exit code and both outputs."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The last line of the output, which is JSON."""
        return orjson.loads(self.out.strip().splitlines()[-1])


def command(*arguments: str) -> list[str]:
    """The command line of the program."""
    return [sys.executable, "-m", "plimsoll.cli", *arguments]


def plimsoll(settings: Settings, *arguments: str) -> Ended:
    """Runs one command to its end."""
    return run(environment(settings), *arguments)


def run(variables: Mapping[str, str], *arguments: str) -> Ended:
    """Runs one command in this environment."""
    done = subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        check=False,
        env=dict(variables),
        timeout=TIMEOUT_S,
    )
    return Ended(done.returncode, done.stdout, done.stderr)

"""`plimsoll dev bedrock` as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_VARIABLE = "PLIMSOLL_BEDROCK__ENDPOINT_URL="


@dataclass
class EmulatorProcess:
    """Where it answers; its exit code once it has ended."""

    url: str
    code: int | None = None


@contextmanager
def emulator_process(directory: Path, **script: object) -> Iterator[EmulatorProcess]:
    """An emulator that plays a script, until the block is left."""
    file = directory / "script.json"
    file.write_text(json.dumps(script), encoding="utf-8")
    command = [sys.executable, "-m", "plimsoll.cli", "dev", "bedrock", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--script", str(file)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line.startswith(_VARIABLE), line
        found = EmulatorProcess(line.removeprefix(_VARIABLE))
        yield found
        process.terminate()
        found.code = process.wait(timeout=120)
    finally:
        process.kill()
        process.wait(timeout=120)
        if process.stdout is not None:
            process.stdout.close()

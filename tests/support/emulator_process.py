"""`plimsoll dev bedrock` as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VARIABLE = "PLIMSOLL_BEDROCK__ENDPOINT_URL="


@contextmanager
def emulator_process(directory: Path, **script: object) -> Iterator[str]:
    """The URL of an emulator that plays a script, until the block is left."""
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
        yield line.removeprefix(_VARIABLE)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()

"""Draws what the demo prints: `python -m tests.support.demo_picture` writes its picture."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs/pictures/demo.svg"
_COLUMNS = 104
# The headings of what is shown; the long table is for a terminal.
_PARTS = (
    "three telling results",
    "where everything went",
    "does the confidence tell right from wrong?",
)
# Web fonts would be fetched from somebody's host; the reader's own monospace serves.
_FORMAT = re.sub(
    r"@font-face \{\{.*?\}\}\s*|<!--.*?-->\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL
)


def demo_output() -> str:
    """What the demo prints on a wide terminal, with its colours."""
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(_COLUMNS), "TERM": "xterm"}
    command = [sys.executable, "-m", "plimsoll.cli", "demo"]
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout


def telling_part(output: str) -> str:
    """The parts of the output that the picture shows."""
    kept: list[str] = []
    shown = False
    for line in output.splitlines():
        plain = Text.from_ansi(line).plain
        if any(heading in plain for heading in _PARTS):
            shown = True
        elif plain.startswith("──"):
            shown = False
        if shown:
            kept.append(line)
    return "\n".join(kept)


def drawn(text: str) -> str:
    """The text as SVG."""
    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(text))
    return console.export_svg(title="make demo", code_format=_FORMAT, unique_id="demo")


if __name__ == "__main__":
    PICTURE.write_text(drawn(telling_part(demo_output())))
    print(f"wrote {PICTURE.relative_to(ROOT)}")

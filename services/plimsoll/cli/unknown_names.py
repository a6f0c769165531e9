"""Names in a file that no field of a result has: read past, and told once each."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from plimsoll.cli.lines import BadLine, Line
from plimsoll.cli.rendering import plain

# A file that makes up a name for each line must not fill the screen.
_MOST_NAMES = 20


def telling(
    file: Path, lines: Iterable[Line | BadLine], expected: Collection[str] = ()
) -> Iterator[Line | BadLine]:
    """The lines as they are; what is unknown and not expected is told on standard error."""
    told = set(expected)
    for line in lines:
        unknown = line.unknown if isinstance(line, Line) else ()
        for name in unknown:
            if name not in told and len(told) < _MOST_NAMES:
                told.add(name)
                sys.stderr.write(f"{file}:{line.number}: warning: {_said(plain(name, 80))}\n")
        yield line


def _said(name: str) -> str:
    field, equals, value = name.partition("=")
    if equals:
        return f"{field} has no value {value}: it is read as unspecified"
    return f"{field} is no field of a result, or has no such value: it is not read"

"""Writes golden values down: `python -m tests.quality.golden`.

It refuses where a metric says something else of a result than before, and has still the version
that it had: strengths and fits go by versions, and would be taken for those of other numbers.
"""

from __future__ import annotations

import sys
from pathlib import Path

from plimsoll.metrics.registry import registered_metrics
from tests.quality.golden.results import TOOLS, golden_results
from tests.quality.golden.values import GOLDEN, Golden, measured, read, unannounced, written


def write_down(now: Golden, path: Path) -> list[str]:
    """What keeps it from being written; where nothing does, the file is."""
    recorded = read(path.read_text(encoding="utf-8")) if path.exists() else Golden({}, {})
    changed = unannounced(recorded, now)
    if not changed:
        path.write_text(written(now), encoding="utf-8")
    return changed


def main() -> int:
    """0 where the file is written, 1 where a metric needs a new version first."""
    changed = write_down(measured(registered_metrics(TOOLS), golden_results()), GOLDEN)
    for line in changed:
        print(line, file=sys.stderr)
    if changed:
        print("raise `version` in the specs of these metrics first", file=sys.stderr)
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())

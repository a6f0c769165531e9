"""Writes docs/judge-reliability.md: `python -m tests.quality.judgebench DATA`.

DATA is the folder of labelled data. What is simulated is the same in every run; what is recorded
rests on DATA alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.quality.judgebench.report import report

PAGE = Path(__file__).parents[3] / "docs" / "judge-reliability.md"


def main() -> None:
    """Measures and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    PAGE.write_text(report(parser.parse_args().data), encoding="utf-8")


if __name__ == "__main__":
    main()

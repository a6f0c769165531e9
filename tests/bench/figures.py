"""Figures: what was measured, beside what it is measured against."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

# Files and pipes have no width; the table takes what it needs.
_COLUMNS = 1_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; `reference` is of the same unit and run, and `ratio` says how they compare.

    `least` is the ratio that is aimed at, where the aim is one that the run itself can decide.
    """

    name: str
    value: float
    unit: str
    reference: float | None = None
    ratio: float | None = None
    aim: str = ""
    least: float | None = None

    @property
    def missed(self) -> bool:
        """Whether the ratio is below the one that is aimed at."""
        return self.least is not None and self.ratio is not None and self.ratio < self.least


def show(figures: Sequence[Figure], title: str = "Plimsoll's figures") -> None:
    """The table for people."""
    table = Table(title=title, title_justify="left")
    table.add_column("figure", no_wrap=True)
    for name in ("value", "reference", "ratio"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("aim")
    for figure in figures:
        reference = "" if figure.reference is None else f"{figure.reference:,.4g}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        value = f"{figure.value:,.4g} {figure.unit}"
        aim = f"{figure.aim} (missed)" if figure.missed else figure.aim
        table.add_row(figure.name, value, reference, ratio, aim)
    console = Console(width=None if sys.stdout.isatty() else _COLUMNS)
    console.print(table)
    missed = [figure.name for figure in figures if figure.missed]
    if missed:
        console.print(f"Aims missed: {', '.join(missed)}")


def write(figures: Sequence[Figure], path: Path) -> None:
    """The list for machines."""
    keys = ("name", "value", "unit", "reference", "ratio")
    found = [{key: asdict(figure)[key] for key in keys} for figure in figures]
    path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")

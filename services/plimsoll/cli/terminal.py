"""What people see: one console for answers, one for what goes on beside them."""

from __future__ import annotations

import json
import sys

from rich.console import Console
from rich.rule import Rule
from rich.table import Table

# No table is as wide: where nobody looks, each of its rows is one line, which grep finds whole.
_UNFOLDED = 100_000
# A headline would be as long.
_HEADLINE = 80


def out() -> Console:
    """Standard output; plain and unfolded where it is not a terminal."""
    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, soft_wrap=True, width=_UNFOLDED)


def headline(console: Console, text: str) -> None:
    """A line across the terminal with a title in its middle; of 80 characters in a pipe."""
    console.print(Rule(text), width=None if console.is_terminal else _HEADLINE)


def aside() -> Console:
    """Standard error, for progress and remarks."""
    return Console(stderr=True, highlight=False)


def print_json(value: object) -> None:
    """One line of JSON on standard output."""
    print(json.dumps(value, ensure_ascii=False, default=str))


def table(*columns: str, title: str | None = None) -> Table:
    """A table without frills; a column's name may end in `>` to be flush right.

    The first column holds names, which are for copying: the others are folded before it is.
    """
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        made.add_column(
            column.rstrip(">"),
            justify="right" if column.endswith(">") else "left",
            overflow="fold",
            no_wrap=place == 0,
        )
    return made

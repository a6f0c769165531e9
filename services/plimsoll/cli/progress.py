"""Progress bars on standard error."""

from __future__ import annotations

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from plimsoll.cli.terminal import aside


def counting() -> Progress:
    """A bar that counts results; without a total it shows the count alone.

    It goes when it is done: what it counted is said in the end, and an error stands by itself.
    Where nobody watches there is none.
    """
    console = aside()
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )

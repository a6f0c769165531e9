"""`plimsoll up`: everything in one process tree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plimsoll.cli.options import ConfigFile


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel="Try it")(up)


def up(
    config: ConfigFile = None,
    scorers: Annotated[int, typer.Option(min=1, max=64, help="Scorer workers.")] = 2,
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Logs, and the store where a cluster is named.")
    ] = Path("plimsoll-data"),
) -> int:
    """Runs every service here until Ctrl-C; brings a broker in memory where none is named.

    The broker in memory keeps nothing: its topics end with it. With
    PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS set, the same runs on that cluster, with the store in DIR.
    """
    import asyncio

    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.running_up import run_up

    return asyncio.run(run_up(settings_for_command(config), scorers, data))

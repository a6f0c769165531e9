"""`plimsoll telemetry`: every name that is exported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plimsoll.cli.failures import OK


def register(app: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(help="What services export: series, spans, log events.")
    group.command("docs")(docs)
    app.add_typer(group, name="telemetry", rich_help_panel="Set up", no_args_is_help=True)


def docs(
    file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Writes there instead.")
    ] = None,
) -> int:
    """Prints the reference of all telemetry in Markdown."""
    from plimsoll.cli.telemetry_reference import telemetry_reference

    text = telemetry_reference()
    if file is None:
        print(text, end="")
    else:
        file.write_text(text, encoding="utf-8")
    return OK

"""`plimsoll demo`: the main job before one's eyes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plimsoll.cli.options import AsJson


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel="Try it")(demo)


def demo(
    as_json: AsJson = False,
    judges: Annotated[
        bool, typer.Option("--judges", help="A panel of judges on an emulated Bedrock instead.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leaves everything running until Ctrl-C.")
    ] = False,
    logs: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where logs go; a temporary folder.")
    ] = None,
) -> int:
    """Publishes 300 real results, kills a scorer on the way, looks all of them up, and reports.

    It brings a broker in memory (which keeps nothing) and runs beside nothing that is set in the
    environment. Exit code 0 only where every published result was scored and looked up.

    With --judges the results are pairs of LLMBar, and a panel says which of two is better: real
    judgements, recorded once and replayed under the IDs of models on Bedrock.
    """
    import asyncio

    from plimsoll.cli.demo.judged import Judged
    from plimsoll.cli.demo.performance import perform
    from plimsoll.cli.demo.programme import Confidences, Programme

    programme: Programme = Judged() if judges else Confidences()
    return asyncio.run(perform(programme, as_json=as_json, keep=keep, logs=logs))

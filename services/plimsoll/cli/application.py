"""The tree of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from plimsoll.cli.commands import (
    audit,
    claims,
    demo,
    dev,
    dlq,
    doctor,
    erasures,
    evidence,
    feedback,
    judges,
    lineage,
    lookups,
    metrics,
    migrate,
    promises,
    publish,
    score,
    services,
    settings,
    strengths,
    telemetry,
    topics,
    up,
    why,
)
from plimsoll.cli.failures import EXIT_CODES

_ABOUT = (
    "Scores the results of large language models and says of each how far it can be trusted: "
    "a calibrated confidence with its interval, and every number that it rests on."
)


# In the order in which `--help` lists them.
_COMMANDS = (
    demo,
    score,
    up,
    publish,
    lookups,
    audit,
    feedback,
    metrics,
    strengths,
    lineage,
    claims,
    services,
    why,
    dlq,
    erasures,
    promises,
    topics,
    migrate,
    evidence,
    doctor,
    settings,
    telemetry,
    judges,
    dev,
)


def application() -> typer.Typer:
    """All commands, in the order in which `--help` lists them."""
    app = typer.Typer(
        help=_ABOUT,
        epilog=EXIT_CODES,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_top)
    for module in _COMMANDS:
        module.register(app)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"plimsoll {version('plimsoll-confidence')}")
        raise typer.Exit


def _top(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Says which it is."),
    ] = False,
) -> int:
    if context.invoked_subcommand is None:
        print(context.get_help())
        return 2
    return 0

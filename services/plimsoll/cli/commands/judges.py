"""`plimsoll judges`: who judges, what it will cost, and what labels say of them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from plimsoll.cli.options import AsJson, ColumnMap, ConfigFile, ResultFile

_PANEL = "Judges"
PlanFile = Annotated[
    Path | None,
    typer.Option("--plan", metavar="FILE", help="Scoring plan with panels; scorer.plan_file."),
]


def register(app: typer.Typer) -> None:
    """Adds the group."""
    judges = typer.Typer(help="Who judges, what it costs, and how far to trust it.")
    judges.command("list")(listed)
    judges.command()(estimate)
    judges.command()(ask)
    judges.command()(learn)
    app.add_typer(judges, name="judges", rich_help_panel=_PANEL, no_args_is_help=True)


def listed(as_json: AsJson = False, config: ConfigFile = None) -> int:
    """Every judge of the settings: its model, its price, and what labels say of it."""
    from plimsoll.cli.judging import list_judges
    from plimsoll.cli.opening import settings_for_command

    return list_judges(settings_for_command(config), as_json=as_json)


def estimate(
    file: ResultFile,
    *,
    plan: PlanFile = None,
    columns: ColumnMap = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Says what judging FILE would take: calls, tokens, money and hours; asks nobody.

    Money is unknown where a model's price is; it is never guessed. What the memo already holds
    would cost nothing and is counted here all the same.
    """
    from plimsoll.cli.judging import estimate_file
    from plimsoll.cli.opening import settings_for_command

    return estimate_file(file, columns, plan, settings_for_command(config), as_json=as_json)


def ask(
    file: ResultFile,
    *,
    label: Annotated[
        str, typer.Option(metavar="COLUMN", help="A column or attribute: 1 right, 0 wrong.")
    ],
    output: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Labelled verdicts, as JSONL.")
    ],
    plan: PlanFile = None,
    columns: ColumnMap = "",
    config: ConfigFile = None,
) -> int:
    """Asks the plan's panels about the labelled results of FILE, and writes their verdicts.

    `plimsoll judges learn` makes a table of them. Calls are memoised, limited and budgeted as in
    a scorer.
    """
    from plimsoll.cli.judging import ask_file
    from plimsoll.cli.opening import settings_for_command

    settings = settings_for_command(config)
    return asyncio.run(ask_file(file, columns, plan, settings, label=label, output=output))


def learn(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Labelled verdicts, as JSONL.")],
    output: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="The table, for judges.reliability_file.")
    ],
) -> int:
    """Makes a table of sensitivity, specificity and shared errors from labelled verdicts."""
    from plimsoll.cli.judging import learn_file

    return learn_file(file, output)

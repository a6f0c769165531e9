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
    judges.command()(canaries)
    app.add_typer(judges, name="judges", rich_help_panel=_PANEL, no_args_is_help=True)


def listed(as_json: AsJson = False, config: ConfigFile = None) -> int:
    """Every judge of the settings: its model, its price, and what labels say of it."""
    from plimsoll.cli.judging import list_judges
    from plimsoll.cli.opening import settings_for_command

    return list_judges(settings_for_command(config), as_json=as_json)


def estimate(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Results, as `plimsoll score` takes.", allow_dash=True),
    ] = None,
    *,
    topic: Annotated[
        bool, typer.Option("--topic", help="Reads the topic of results instead of a file.")
    ] = False,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="With --topic: from 2026-01-31T09:00 on (UTC).")
    ] = "",
    until: Annotated[
        str, typer.Option(metavar="TIME", help="With --topic: up to and without this time.")
    ] = "",
    most_records: Annotated[
        int, typer.Option(metavar="N", min=1, help="With --topic: so many at most, the newest.")
    ] = 100_000,
    plan: PlanFile = None,
    columns: ColumnMap = "",
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Says what judging FILE, or a span of the topic, would take; asks nobody.

    Calls, tokens, money and hours. Money is unknown where a model's price is; it is never guessed.
    What the memo already holds would cost nothing and is counted here all the same.
    """
    from plimsoll.cli.judge_estimates import estimate_file, estimate_span
    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.spans import Span, typed_time
    from plimsoll.domain.errors import ConfigurationError

    if topic == (file is not None) or (file is not None and (since or until)):
        raise ConfigurationError("name a FILE, or --topic with --since and --until")
    settings = settings_for_command(config)
    if file is not None:
        return estimate_file(file, columns, plan, settings, as_json=as_json)
    span = Span(typed_time(since), typed_time(until), most_records)
    return asyncio.run(estimate_span(span, plan, settings, as_json=as_json))


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


def canaries(
    *,
    plan: PlanFile = None,
    each: Annotated[
        int, typer.Option(metavar="N", min=1, help="So many of each kind; more than ship asks all.")
    ] = 12,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Asks the plan's judges a batch of canaries, and tells how far each may be trusted now.

    Canaries are items whose right verdict is known: good and bad answers, attacks, and openers
    that answer nothing. What they cost is paid from canaries.budget_*; exits with 1 where a judge
    is out of what canaries.* puts up with.
    """
    from plimsoll.cli.canaries import ask_canaries
    from plimsoll.cli.opening import settings_for_command

    settings = settings_for_command(config)
    return asyncio.run(ask_canaries(plan, settings, each=each, as_json=as_json))

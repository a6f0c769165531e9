"""`plimsoll publish`: results from a file onto the topic."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plimsoll.cli.failures import FAILED, OK
from plimsoll.cli.options import AsJson, ColumnMap, ConfigFile, ResultFile, Strict

if TYPE_CHECKING:
    from plimsoll.cli.publishing import Acknowledged
    from plimsoll.settings.model import Settings


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel="Use it")(publish)


def publish(
    file: ResultFile,
    *,
    config: ConfigFile = None,
    columns: ColumnMap = "",
    strict: Strict = False,
    positions: Annotated[
        bool, typer.Option("--positions", help="Prints where each result stands on the topic.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Publishes the results of FILE for scoring, and waits until the brokers have each of them.

    Publishing a file twice is harmless: the same ID with the same content has one score. A bad
    line is named and passed over; the exit code is 1 then.
    """
    import asyncio

    from plimsoll.cli.opening import settings_for_command

    settings = settings_for_command(config)
    return asyncio.run(
        _publish(settings, file, columns, strict=strict, positions=positions, as_json=as_json)
    )


async def _publish(
    settings: Settings, file: Path, columns: str, *, strict: bool, positions: bool, as_json: bool
) -> int:
    from plimsoll.cli.csv_lines import parse_map
    from plimsoll.cli.lines import BadLine, read_lines
    from plimsoll.cli.progress import counting
    from plimsoll.cli.publishing import publish_lines
    from plimsoll.cli.terminal import print_json
    from plimsoll.cli.unknown_names import telling
    from plimsoll.sdk.client import Plimsoll

    published = bad = 0
    lines = telling(file, read_lines(file, parse_map(columns) if columns else None))
    async with Plimsoll(settings=settings) as plimsoll:
        with counting() as progress:
            task = progress.add_task(f"to {settings.topics.results}", total=None)
            async for outcome in publish_lines(plimsoll.publisher, lines):
                progress.advance(task)
                if isinstance(outcome, BadLine):
                    bad += 1
                    sys.stderr.write(f"{file}:{outcome.number}: {outcome.problem}\n")
                    if strict:
                        break
                    continue
                published += 1
                if positions:
                    _show(outcome, as_json)
            progress.update(task, total=published + bad)
    if as_json:
        print_json({"published": published, "bad_lines": bad})
    else:
        print(f"{published} published and acknowledged, {bad} bad lines")
    return FAILED if bad else OK


def _show(outcome: Acknowledged, as_json: bool) -> None:
    from plimsoll.cli.terminal import print_json

    at = outcome.position
    if as_json:
        place = {"topic": at.topic, "partition": at.partition, "offset": at.offset}
        print_json({"key": str(outcome.key), **place})
    else:
        print(f"{outcome.key}\t{at.topic}-{at.partition}@{at.offset}")

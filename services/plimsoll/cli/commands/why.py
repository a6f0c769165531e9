"""`plimsoll why` and `plimsoll status`: where is my result, and where are all of them."""

from __future__ import annotations

from typing import Annotated

import typer

from plimsoll.cli.failures import FAILED, OK
from plimsoll.cli.options import AsJson, ConfigFile, Endpoint, ResultId

_PANEL = "Run it"
_MOST_CHARS = 1_500
MostRecords = Annotated[
    int,
    typer.Option(
        "--most-records", min=1, metavar="N", help="Reads so many records of a partition at most."
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(rich_help_panel=_PANEL)(why)
    app.command(rich_help_panel=_PANEL)(status)


def why(
    result_id: ResultId,
    *,
    most_records: MostRecords = 200_000,
    endpoint: Endpoint = "",
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Says where a result is: not seen, not consumed yet, held back, dead, scored, or erased.

    Asks the query service, then reads the topics: outcomes first, then what the scorers have not
    committed. Exit code 0 where it is scored, 1 elsewhere.
    """
    import asyncio

    from plimsoll.cli.asking_why import find_out_why
    from plimsoll.cli.keys import typed_key
    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.rendering import plain
    from plimsoll.cli.terminal import print_json
    from plimsoll.cli.whereabouts import Place

    key = typed_key(result_id)
    settings = settings_for_command(config)
    target = endpoint or settings.query.listen
    found = asyncio.run(find_out_why(settings, target, key, most_records))
    if as_json:
        print_json(found.as_json())
    else:
        print(f"{key}: {plain(found.headline, _MOST_CHARS)}")
        for name, value in found.facts.items():
            if value not in ("", None, [], {}):
                print(f"  {name}: {plain(str(value), _MOST_CHARS)}")
        if found.advice:
            print(f"  what to do: {plain(found.advice, _MOST_CHARS)}")
    return OK if found.place in (Place.SCORED, Place.HELD_BACK) else FAILED


def status(
    *,
    most_records: MostRecords = 1_000_000,
    endpoint: Endpoint = "",
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Adds up the funnel from the topics: published = visible + dead + erased + waiting.

    Exit code 1 where a result is behind the committed offsets and neither visible, dead nor erased.
    """
    import asyncio

    from plimsoll.cli.funnel import measure_funnel, print_funnel
    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.terminal import print_json

    settings = settings_for_command(config)
    target = endpoint or settings.query.listen
    funnel = asyncio.run(measure_funnel(settings, target, most_records))
    if as_json:
        print_json(funnel.as_json())
    else:
        print_funnel(funnel)
    return FAILED if funnel.unaccounted else OK

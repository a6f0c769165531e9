"""`plimsoll audit`: draws results that somebody is to label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from plimsoll.cli.failures import OK
from plimsoll.cli.options import AsJson, ConfigFile, Endpoint

if TYPE_CHECKING:
    from plimsoll.cli.drawing import Drawing
    from plimsoll.ports.store import ScoreFilter
    from plimsoll.settings.sdk import SdkSettings

_Claims = Annotated[
    bool,
    typer.Option(
        "--claims",
        help="Only results with a promise about claims, with those to label in a column.",
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel="Use it")(audit)


def audit(
    *,
    rate: Annotated[
        float, typer.Option(min=0, max=1, help="The share of results to draw, in [0, 1].")
    ] = 0.05,
    tenant: Annotated[str, typer.Option(help="Only this tenant.")] = "",
    task_kind: Annotated[str, typer.Option(help="Only this kind of task, as open_qa.")] = "",
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Only results from 2026-01-31T09:00 on (UTC).")
    ] = "",
    until: Annotated[
        str, typer.Option(metavar="TIME", help="Only results up to and without this time.")
    ] = "",
    claims: _Claims = False,
    endpoint: Endpoint = "",
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Draws results to be labelled, by their names alone, as a CSV to fill in.

    Write 1 for right or 0 for wrong into the column `right`, for every row and without a look at
    the confidence, and send it by `plimsoll feedback --file FILE --audit`. The same rate draws the
    same results, a higher one those and more.

    With --claims the column `claims` has the offsets of each claim that is kept: write 1 (true) or
    0 (false) for each `?`. Where nothing is kept it says so, and the row counts as it is.

    The CSV holds IDs only. Prompts and responses are with whoever published the results: look them
    up there by ID, since Plimsoll keeps none.
    """
    import asyncio
    from dataclasses import replace

    from plimsoll.cli.drawing import Drawing
    from plimsoll.cli.keys import typed_filter
    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.spans import typed_time

    drawing = Drawing(rate, of_claims=claims)
    where = typed_filter(
        tenant=tenant, model="", task_kind=task_kind, min_lower=None, max_lower=None
    )
    where = replace(where, start_time=typed_time(since), end_time=typed_time(until))
    settings = settings_for_command(config)
    target = endpoint or settings.query.listen
    return asyncio.run(_audit(settings.sdk, target, where, drawing, as_json=as_json))


async def _audit(
    sdk: SdkSettings, target: str, where: ScoreFilter, told: Drawing, *, as_json: bool
) -> int:
    import sys

    from plimsoll.adapters.rpc.client import open_client
    from plimsoll.cli.drawing import draw
    from plimsoll.cli.progress import counting
    from plimsoll.cli.terminal import print_json

    count = 0
    if not as_json:
        print("result_id,right,claims" if told.of_claims else "result_id,right")
    async with open_client(sdk, target) as client:
        with counting() as progress:
            task = progress.add_task("results looked at", total=None)
            async for key, claims in draw(client, where, told):
                progress.update(task, completed=told.seen)
                count += 1
                if as_json:
                    of_claims = {"claims": claims} if told.of_claims else {}
                    print_json({"tenant": key.tenant, "result_id": key.result_id, **of_claims})
                else:
                    print(f"{_cell(str(key))},{f',{claims}' if told.of_claims else ''}")
    what = "promise about claims" if told.of_claims else "confidence"
    without = f", {told.without} of them without a {what}" if told.without else ""
    sys.stderr.write(f"{count} drawn of {told.seen} results{without}\n")
    return OK


def _cell(text: str) -> str:
    """A cell of a CSV: quoted where its text would end it."""
    if any(char in text for char in ',"'):
        return '"' + text.replace('"', '""') + '"'
    return text

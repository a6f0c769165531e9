"""`plimsoll get` and `plimsoll watch`: confidences by ID, and as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from plimsoll.cli.failures import FAILED, OK
from plimsoll.cli.options import AsJson, ConfigFile, Endpoint, ResultId

if TYPE_CHECKING:
    from plimsoll.adapters.rpc.answers import ConfidenceRecord
    from plimsoll.domain.identity import ResultKey
    from plimsoll.ports.store import ScoreFilter
    from plimsoll.settings.sdk import SdkSettings

_PANEL = "Use it"
_MOST_CHARS = 1_500


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(rich_help_panel=_PANEL)(get)
    app.command(rich_help_panel=_PANEL)(watch)


def get(
    result_id: ResultId,
    *,
    wait: Annotated[
        float, typer.Option(min=0, max=60, metavar="SECONDS", help="Waits until it is scored.")
    ] = 0.0,
    endpoint: Endpoint = "",
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Shows how far a result can be trusted. Exit code 1 where it has no score."""
    import asyncio

    from plimsoll.cli.keys import typed_key
    from plimsoll.cli.opening import settings_for_command

    key = typed_key(result_id)
    settings = settings_for_command(config)
    target = endpoint or settings.query.listen
    return asyncio.run(_get(settings.sdk, target, key, wait, as_json))


async def _get(sdk: SdkSettings, target: str, key: ResultKey, wait_s: float, as_json: bool) -> int:
    import sys
    from datetime import timedelta

    from plimsoll.adapters.rpc.client import open_client
    from plimsoll.adapters.rpc.failures import LookUpError
    from plimsoll.cli.rendering import plain
    from plimsoll.cli.scored_json import scored_json
    from plimsoll.cli.scored_text import print_scored
    from plimsoll.cli.terminal import out, print_json

    async with open_client(sdk, target) as client:
        try:
            found = await client.get(key, wait=timedelta(seconds=wait_s))
        except LookUpError as error:
            if as_json:
                print_json({"key": str(key), "missing": error.reason.lower(), "detail": str(error)})
            else:
                sys.stderr.write(f"plimsoll: {plain(str(error), _MOST_CHARS)}\n")
            return FAILED
    if as_json:
        conflicts = {"input_conflicts": found.input_conflicts}
        print_json(scored_json(found.scored, found.certificates) | conflicts)
        return OK
    print_scored(found.scored, out(), found.certificates)
    if found.input_conflicts:
        print(f"{found.input_conflicts} later results under this ID differ; the first is shown")
    return OK


def watch(
    *,
    tenant: Annotated[str, typer.Option(help="Only this tenant.")] = "",
    model: Annotated[str, typer.Option(help="Only this gen_ai.request.model.")] = "",
    task_kind: Annotated[str, typer.Option(help="Only this kind of task, as open_qa.")] = "",
    min_lower: Annotated[
        float | None, typer.Option(min=0, max=1, help="Only lower bounds from here on.")
    ] = None,
    max_lower: Annotated[
        float | None, typer.Option(min=0, max=1, help="Only lower bounds up to here.")
    ] = None,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Everything in the store first.")
    ] = False,
    resume: Annotated[
        str, typer.Option(metavar="TOKEN", help="Goes on after an earlier --json line.")
    ] = "",
    count: Annotated[int, typer.Option(min=0, help="Ends after so many; 0 never.")] = 0,
    endpoint: Endpoint = "",
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Shows confidences as they become visible, until Ctrl-C."""
    import asyncio

    from plimsoll.cli.keys import typed_filter
    from plimsoll.cli.opening import settings_for_command

    where = typed_filter(
        tenant=tenant, model=model, task_kind=task_kind, min_lower=min_lower, max_lower=max_lower
    )
    settings = settings_for_command(config)
    target = endpoint or settings.query.listen
    return asyncio.run(
        _watch(
            settings.sdk, target, where, resume, from_start=from_start, count=count, as_json=as_json
        )
    )


async def _watch(
    sdk: SdkSettings,
    target: str,
    where: ScoreFilter,
    resume: str,
    *,
    from_start: bool,
    count: int,
    as_json: bool,
) -> int:
    from plimsoll.adapters.rpc.answers import View
    from plimsoll.adapters.rpc.client import open_client
    from plimsoll.cli.scored_json import scored_json
    from plimsoll.cli.terminal import print_json

    shown = 0
    async with open_client(sdk, target) as client:
        events = client.watch(where, resume_token=resume, from_start=from_start, view=View.SCORES)
        async for event in events:
            if event.record is None:
                continue
            record = event.record
            if as_json:
                found = scored_json(record.scored, record.certificates)
                print_json(found | {"resume_token": event.resume_token})
            else:
                print(_line(record), flush=True)
            shown += 1
            if shown == count:
                break
    return OK


def _line(record: ConfidenceRecord) -> str:
    from plimsoll.cli.rendering import interval_text, weakest_text

    confidence = record.scored.confidence
    named = weakest_text(record.scored)
    weakest = f"  weakest {named}" if named else ""
    promised = f"  promised {record.standing[0].error_rate:g}" if record.standing else ""
    return f"{record.scored.key}  {interval_text(confidence)}{weakest}{promised}"

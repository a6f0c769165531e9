"""`plimsoll dev`: what stands in for the services around Plimsoll, while one tries it out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plimsoll.cli.failures import OK


def register(app: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(help="Stand-ins for services around Plimsoll; for trying out and drills.")
    group.command("bedrock")(bedrock)
    app.add_typer(group, name="dev", rich_help_panel="Set up", no_args_is_help=True)


def bedrock(
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="On 127.0.0.1; 0 takes a free one.")
    ] = 8_900,
    script: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Quotas, latencies, faults (YAML); else all goes well."),
    ] = None,
) -> int:
    """Emulates Amazon Bedrock: Converse, ApplyGuardrail and CountTokens, until interrupted.

    boto3 is pointed at it by `bedrock.endpoint_url`. Verdicts are made up, but for the pairs of
    LLMBar that ship with it: there it repeats what real judges said. GET /emulator/journal shows
    what it has seen; PUT /emulator/script changes what it does.
    """
    import asyncio

    from plimsoll.adapters.emulator.scripts import load_script
    from plimsoll.adapters.emulator.server import Emulator
    from plimsoll.adapters.signals import stop_on_signals

    played = load_script(script)

    async def serve() -> None:
        with stop_on_signals() as stop:
            async with Emulator(played, port) as emulator:
                print(f"PLIMSOLL_BEDROCK__ENDPOINT_URL={emulator.url}", flush=True)
                await stop.wait()

    asyncio.run(serve())
    return OK

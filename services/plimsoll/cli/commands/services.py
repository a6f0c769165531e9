"""The four services, each a process of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plimsoll.cli.options import ConfigFile

if TYPE_CHECKING:
    from plimsoll.settings.model import Settings

_PANEL = "Services"
ReadyFile = Annotated[
    Path | None,
    typer.Option(
        "--ready-file", metavar="FILE", help="This file is there while it serves, for probes."
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (scorer, indexer, query, observer):
        app.command(rich_help_panel=_PANEL)(command)


def scorer(config: ConfigFile = None, ready_file: ReadyFile = None) -> int:
    """Reads results, publishes each with its scores and confidence. SIGTERM drains it."""
    from plimsoll.scorer.app import run_scorer

    return _serve(config, ready_file, run_scorer)


def indexer(
    config: ConfigFile = None,
    ready_file: ReadyFile = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Empties the store first and reads from offset 0.")
    ] = False,
) -> int:
    """Projects scored results and dead letters into the store."""
    from plimsoll.indexer.app import rebuild_store, run_indexer

    async def run(settings: Settings, ready: Callable[[], None] | None) -> None:
        if rebuild:
            await rebuild_store(settings)
        await run_indexer(settings, ready)

    return _serve(config, ready_file, run)


def query(config: ConfigFile = None, ready_file: ReadyFile = None) -> int:
    """Answers look-ups over gRPC from the store."""
    from plimsoll.query.app import run_query

    return _serve(config, ready_file, run_query)


def observer(config: ConfigFile = None, ready_file: ReadyFile = None) -> int:
    """Counts scored results in windows of quality and publishes them."""
    from plimsoll.observer.app import run_observer

    async def run(settings: Settings, ready: Callable[[], None] | None) -> None:
        await run_observer(settings, ready, lambda: _remove(ready_file))

    return _serve(config, ready_file, run)


def _serve(
    config: Path | None,
    ready_file: Path | None,
    run: Callable[[Settings, Callable[[], None] | None], Awaitable[None]],
) -> int:
    import asyncio

    from plimsoll.cli.opening import settings_for_service

    settings = settings_for_service(config)
    # One of an earlier life says nothing of this one.
    _remove(ready_file)

    def ready() -> None:
        if ready_file is not None:
            ready_file.touch()

    async def main() -> None:
        await run(settings, ready)

    asyncio.run(main())
    return 0


def _remove(ready_file: Path | None) -> None:
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)

"""`plimsoll evidence`: master keys of sealed evidence, and their rotation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from plimsoll.cli.failures import FAILED, OK
from plimsoll.cli.options import AsJson, ConfigFile

if TYPE_CHECKING:
    from plimsoll.pipeline.rewrapping import Rewrapped
    from plimsoll.settings.evidence import EvidenceSettings


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(help="Master keys of sealed evidence: made, and rotated.")
    group.command("new-key")(new_key)
    group.command("rewrap")(rewrap)
    app.add_typer(group, name="evidence", rich_help_panel="Set up", no_args_is_help=True)


def new_key(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="Names the key, as a date: 2026-11.")],
) -> int:
    """Prints a new master key as a line of `evidence.keys_file`; whoever has it reads evidence.

    The first line of the file wraps the keys of evidence from then on, the others still unwrap.
    """
    from plimsoll.adapters.evidence.ring import new_line

    print(new_line(key_id))
    return OK


def rewrap(config: ConfigFile = None, as_json: AsJson = False) -> int:
    """Wraps every key of evidence with the first master key, so that older ones can be removed.

    Safe beside services that run. Exit code 1 where a key's master is not in the file.
    """
    import asyncio

    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.terminal import print_json

    done = asyncio.run(_rewrapped(settings_for_command(config).evidence))
    if as_json:
        print_json({"rewrapped": done.rewrapped, "unreadable": done.unreadable})
    else:
        print(f"{done.rewrapped} keys wrapped anew, {done.unreadable} that no master key unwraps")
    return FAILED if done.unreadable else OK


async def _rewrapped(settings: EvidenceSettings) -> Rewrapped:
    from plimsoll.adapters.evidence.ring import FileKeyRing
    from plimsoll.adapters.stores import key_store
    from plimsoll.domain.errors import ConfigurationError
    from plimsoll.pipeline.rewrapping import rewrap_all

    if settings.keys_file is None:
        raise ConfigurationError("evidence.keys_file is not set: evidence is not sealed")
    ring, store = FileKeyRing(settings.keys_file), key_store(settings)
    await store.start()
    try:
        return await rewrap_all(store, ring)
    finally:
        await store.close()

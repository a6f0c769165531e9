"""`plimsoll migrate`: brings schemas in PostgreSQL up to this program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from plimsoll.cli.failures import FAILED, OK
from plimsoll.cli.options import AsJson, ConfigFile

if TYPE_CHECKING:
    from plimsoll.adapters.postgres.migrating import Migration
    from plimsoll.settings.model import Settings


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel="Set up")(migrate)


def migrate(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Changes nothing; exit code 1 where there is to do.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Changes nothing; prints the SQL.")
    ] = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Makes and changes tables in PostgreSQL, where the settings choose it; forward only.

    Safe to run twice, and from several places at once. A SQLite file needs none: whoever opens it
    makes its tables.
    """
    import asyncio

    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.terminal import print_json

    settings = settings_for_command(config)
    found = asyncio.run(_run(settings, change=not (check or dry_run)))
    if as_json:
        names = {schema: [one.name for one in missing] for schema, missing in found.items()}
        print_json({"changed": not (check or dry_run), "migrations": names})
    else:
        _say(found, changed=not (check or dry_run), with_sql=dry_run)
    return FAILED if check and any(found.values()) else OK


async def _run(settings: Settings, *, change: bool) -> dict[str, list[Migration]]:
    from plimsoll.adapters.stores import NEEDS
    from plimsoll.domain.errors import ConfigurationError

    try:
        from plimsoll.cli.migrating import schemas
    except ImportError as error:
        raise ConfigurationError(f"plimsoll migrate: {NEEDS}") from error
    found = {}
    for schema in schemas(settings):
        missing = await (schema.bring_up() if change else schema.missing())
        found[f"{schema.name} of {schema.where.shown}"] = list(missing)
    return found


def _say(found: dict[str, list[Migration]], *, changed: bool, with_sql: bool) -> None:
    if not found:
        kinds = "store.kind, judges.store.kind, evidence.store.kind"
        print(f"nothing to migrate: every store is a file ({kinds})")
    for schema, missing in found.items():
        state = "applied" if changed else "to apply"
        names = ", ".join(one.name for one in missing)
        print(f"schema {schema}: {f'{state} {names}' if missing else 'up to date'}")
        for one in missing if with_sql else ():
            print(f"-- {one.name}, SHA-256 {one.checksum}\n{one.sql}")

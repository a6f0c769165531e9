"""`plimsoll promises`: what labels have taught, and which promises stand."""

from __future__ import annotations

from typing import Annotated

import typer

from plimsoll.cli.failures import FAILED, OK
from plimsoll.cli.options import AsJson, ConfigFile


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel="Run it")(promises)


def promises(
    *,
    tenant: Annotated[str, typer.Option(help="Only this tenant.")] = "",
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Shows what was learned from labels of audits, and how each promise stands.

    For each tenant, task kind and basis (the metrics and the prior that a point is made of), with
    what is lacking where there is no calibration or no promise yet; and for each filter of claims
    that was audited, how its promise stands. Exit code 1 where a promise
    was taken back or has lapsed, and none stands in its place.
    """
    import asyncio
    from datetime import UTC, datetime

    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.promises import broken, broken_claims, read_learned
    from plimsoll.cli.promises_text import learned_json, print_learned
    from plimsoll.cli.terminal import out, print_json

    settings = settings_for_command(config)
    found = asyncio.run(read_learned(settings))
    scopes = [learned for learned in found if not tenant or learned.key.tenant == tenant]
    now = datetime.now(UTC)
    gone = [*broken(scopes, now), *broken_claims(scopes)]
    rates = settings.observer.promises
    if as_json:
        print_json([learned_json(one, now, rates) for one in scopes])
    else:
        print_learned(scopes, now, out(), rates)
        said = f"promises that stand no more: {len(gone)}" if gone else "no promise was broken"
        print(f"scopes: {len(scopes)}; {said}")
    return FAILED if gone else OK

"""`plimsoll doctor`: what is well, what is not, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plimsoll.cli.failures import FAILED, OK
from plimsoll.cli.options import AsJson, ConfigFile, Endpoint

if TYPE_CHECKING:
    from plimsoll.cli.findings import Finding
    from plimsoll.settings.model import Settings
    from plimsoll.settings.sources import Sources


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel="Set up")(doctor)


def doctor(
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="Only what needs no connection.")
    ] = False,
    endpoint: Endpoint = "",
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Checks settings, plan, credentials, broker, topics, store and query service.

    Shows the effective settings with secrets masked, and for each problem what to do. Exit code 1
    where a check fails.
    """
    import asyncio

    from plimsoll.cli.findings import Health
    from plimsoll.cli.terminal import print_json
    from plimsoll.settings.masked import shown

    settings, sources, findings = _settings(config)
    if settings is not None:
        target = endpoint or settings.query.listen
        findings += asyncio.run(_find(settings, target, offline=offline))
    rows = shown(settings, sources) if settings is not None else ()
    if as_json:
        checks = [
            {"check": f.check, "health": f.health.value, "found": f.found, "remedy": f.remedy}
            for f in findings
        ]
        values = {row.name: {"value": row.value, "from": row.where} for row in rows}
        print_json({"checks": checks, "settings": values})
    else:
        _print(findings)
        for row in rows:
            if row.where != "default":
                print(f"  {row.name} = {row.value}  ({row.where})")
        print("settings that are not named here have their defaults: `plimsoll settings show`")
    return FAILED if any(f.health is Health.FAILED for f in findings) else OK


def _settings(config: Path | None) -> tuple[Settings | None, Sources, list[Finding]]:
    from plimsoll.cli.findings import Finding, Health
    from plimsoll.cli.opening import quiet_logs
    from plimsoll.domain.errors import ConfigurationError
    from plimsoll.settings.model import Settings, load_with_sources
    from plimsoll.settings.sources import Sources, unknown_variables

    odd = [
        Finding("settings", Health.NOTE, said, "correct or remove it")
        for said in unknown_variables(Settings)
    ]
    try:
        settings, sources = load_with_sources(config)
        quiet_logs(settings)
    except ConfigurationError as error:
        wrong = [
            Finding("settings", Health.FAILED, line, "correct it")
            for line in str(error).splitlines()
        ]
        return None, Sources(Settings, config), [*wrong, *odd]
    file = f"from {sources.path}" if sources.path else "no file"
    return settings, sources, [Finding("settings", Health.OK, f"read, {file}"), *odd]


async def _find(settings: Settings, target: str, *, offline: bool) -> list[Finding]:
    from plimsoll.cli.checks import offline_findings, online_findings
    from plimsoll.cli.claim_checks import claim_findings
    from plimsoll.cli.judge_checks import judge_findings
    from plimsoll.cli.strength_checks import strength_findings

    findings = [*offline_findings(settings), *claim_findings(settings)]
    findings += strength_findings(settings)
    findings += await judge_findings(settings)
    if not offline:
        findings += [finding async for finding in online_findings(settings, target)]
    return findings


def _print(findings: list[Finding]) -> None:
    from plimsoll.cli.terminal import out, table

    rows = table("check", "", "found", "what to do")
    styles = {"ok": "green", "note": "yellow", "failed": "bold red"}
    for one in findings:
        state = one.health.value
        rows.add_row(one.check, f"[{styles[state]}]{state}[/]", _text(one.found), _text(one.remedy))
    out().print(rows)


def _text(said: str) -> str:
    from rich.markup import escape

    return escape(said)

"""`plimsoll dlq`: what could not be read or scored, and how it comes back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plimsoll.cli.failures import FAILED, OK
from plimsoll.cli.options import AsJson, ConfigFile

if TYPE_CHECKING:
    from plimsoll.cli.dead_letters import Letter

_PLACE_HELP = "PARTITION:OFFSET on the dead-letter topic, as `dlq list` names it."
_SHOWN_BYTES = 512


def register(app: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(help="Dead letters: original bytes, with why and from where.")
    group.command("list")(show_all)
    group.command("show")(show_one)
    group.command("redrive")(redrive)
    app.add_typer(group, name="dlq", rich_help_panel="Run it", no_args_is_help=True)


def show_all(
    *,
    reason: Annotated[str, typer.Option(help="Only this reason, as undecodable.")] = "",
    key: Annotated[str, typer.Option(metavar="ID", help="Only this tenant/result_id.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 100,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Lists dead letters, the newest last. Exit code 0, also where there are none."""
    import asyncio

    from plimsoll.cli.dead_letters import read_letters
    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.rendering import plain
    from plimsoll.cli.terminal import out, print_json, table

    letters = [
        letter
        for letter in asyncio.run(read_letters(settings_for_command(config)))
        if (not reason or (letter.row and letter.row.reason == reason))
        and (not key or (letter.row and str(letter.row.key) == key))
    ]
    newest = sorted(letters, key=lambda one: one.record.timestamp_ms)[-limit:]
    if as_json:
        print_json([_facts(letter) for letter in newest])
        return OK
    rows = table("position", "when", "reason", "detail", "result", "came from")
    for letter in newest:
        facts = {name: str(value) for name, value in _facts(letter).items()}
        rows.add_row(
            facts["position"],
            facts["time"],
            facts["reason"],
            plain(facts["detail"], 80),
            plain(facts["key"], 80),
            facts["source"],
        )
    out().print(rows)
    print(f"{len(newest)} of {len(letters)} dead letters")
    return OK


def show_one(
    place: Annotated[str, typer.Argument(metavar="POSITION", help=_PLACE_HELP)],
    *,
    value_file: Annotated[
        Path | None, typer.Option("--save", metavar="FILE", help="Writes the original bytes there.")
    ] = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Shows one dead letter: its facts, its headers, and its bytes in hexadecimal."""
    import asyncio

    from plimsoll.cli.dead_letters import read_letter, rendered, typed_place
    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.rendering import plain
    from plimsoll.cli.terminal import print_json

    letter = asyncio.run(read_letter(settings_for_command(config), typed_place(place)))
    if value_file is not None:
        value_file.write_bytes(letter.record.value or b"")
    headers = {
        name: plain(value.decode("utf-8", "replace"), 200) for name, value in letter.record.headers
    }
    value = letter.record.value
    if as_json:
        print_json(_facts(letter) | {"headers": headers, "value_hex": (value or b"").hex()})
        return OK
    for name, fact in _facts(letter).items():
        print(f"{name:9} {plain(str(fact), 1_000)}")
    for name, text in headers.items():
        print(f"  {plain(name, 80)}: {text}")
    print(f"{len(value or b'')} bytes")
    print(rendered(value, _SHOWN_BYTES))
    return OK


def redrive(
    places: Annotated[list[str], typer.Argument(metavar="POSITION...", help=_PLACE_HELP)],
    *,
    value: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The mended bytes of one record.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Sends it even where a scorer would park it again.")
    ] = False,
    config: ConfigFile = None,
) -> int:
    """Publishes dead letters to the topic that they came from, mended where --value is given.

    What a scorer would only park again is refused, and said why. Redriving twice is harmless.
    """
    import asyncio
    import sys

    from plimsoll.cli.dead_letters import brought_back, read_letter, send, typed_place
    from plimsoll.cli.opening import settings_for_command
    from plimsoll.domain.errors import ConfigurationError, PoisonError
    from plimsoll.wire.dead_letters import redriven

    if value is not None and len(places) > 1:
        raise ConfigurationError("--value mends one record: name one POSITION")
    mended = value.read_bytes() if value is not None else None
    wanted = [typed_place(place) for place in places]
    settings = settings_for_command(config)

    async def run() -> int:
        refused = 0
        for place in wanted:
            letter = await read_letter(settings, place)
            try:
                record = brought_back(settings, letter, mended)
            except PoisonError as poison:
                if not force:
                    refused += 1
                    sys.stderr.write(f"{place}: would be parked again: {poison}\n")
                    continue
                record = redriven(letter.record, mended)
            await send(settings.kafka, [record])
            print(f"{place} published to {record.topic}")
        return FAILED if refused else OK

    return asyncio.run(run())


def _facts(letter: Letter) -> dict[str, object]:
    from datetime import UTC, datetime

    record, row = letter.record, letter.row
    found: dict[str, object] = {
        "position": str(letter.place),
        "time": datetime.fromtimestamp(record.timestamp_ms / 1_000, UTC).isoformat(" ", "seconds"),
        "reason": "unknown",
        "detail": "not a dead letter of ours",
        "key": "",
        "source": "",
        "bytes": len(record.value or b""),
    }
    if row is not None:
        source = row.source
        found |= {
            "reason": row.reason,
            "detail": row.detail,
            "key": str(row.key) if row.key is not None else "",
            "source": f"{source.topic}-{source.partition}@{source.offset}#{source.index}",
            "attempts": row.attempts,
        }
    return found

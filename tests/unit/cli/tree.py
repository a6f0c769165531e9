"""Every command of the program, by its path."""

from __future__ import annotations

from typing import Any

from typer.main import get_command

from plimsoll.cli.application import application


def commands_of() -> list[tuple[str, ...]]:
    """Paths of all commands and groups, the program itself first."""
    return [(), *_below(get_command(application()), ())]


def _below(command: Any, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, child in getattr(command, "commands", {}).items():
        found += [(*path, name), *_below(child, (*path, name))]
    return found

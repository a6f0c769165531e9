"""Where settings come from: the environment, then a file; and what is wrong with either."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.environment import JSON_FORM, unknown_in_sections
from plimsoll.settings.fields import (
    NESTED,
    PREFIX,
    every_section,
    every_setting,
    section_of,
)
from plimsoll.settings.lined import Lined, read_lined
from plimsoll.settings.near import near

CONFIG_VARIABLE = f"{PREFIX}CONFIG"
# What Kubernetes puts into every container for a service of that name.
_SERVICE_LINK = re.compile(r"_SERVICE_(HOST|PORT)(_\w+)?$|_PORT(_\d+_(TCP|UDP)(_\w+)?)?$")
# Errors of a value that would have to be a list or a mapping.
_CONTAINERS = frozenset({"list_type", "tuple_type", "set_type", "frozen_set_type", "dict_type"})


@dataclass(frozen=True, slots=True)
class Sources:
    """A settings file with the lines of its keys, and the environment's variables."""

    model: type[BaseModel]
    path: Path | None
    values: dict[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    variables: frozenset[str] = frozenset()

    def where(self, name: str) -> str:
        """Where the value of a dotted name comes from, in words."""
        variable = _variable(name)
        sections = (_variable(parent) for parent in _parents(name))
        for candidate in (variable, *sections):
            if candidate in self.variables:
                return f"environment variable {candidate}"
        # A field of a mapping or list: its own line is not kept, its parent's is.
        for known in (name, *_parents(name)):
            if known in self.lines:
                return f"{self.path}:{self.lines[known]}"
        return "default"

    def explain(self, error: ValidationError) -> ConfigurationError:
        """All that pydantic found, one line each, with its place and never with a secret."""
        secrets = {setting.name for setting in every_setting(self.model) if setting.secret}
        said = []
        for problem in error.errors(include_url=False, include_context=False):
            name = ".".join(str(part) for part in problem["loc"])
            # What is wrong with a section as a whole may hold a secret, too.
            hidden = any(_overlap(name, secret) for secret in secrets)
            given = "" if hidden else f" (it is {str(problem['input'])[:80]!r})"
            message = problem["msg"].removeprefix("Value error, ")
            where = self.where(name)
            form = where.startswith("environment") and problem["type"] in _CONTAINERS
            said.append(f"{name} ({where}): {message}{given}{f'; {JSON_FORM}' if form else ''}")
        return ConfigurationError("\n".join(said))


def read_sources(model: type[BaseModel], file: Path | None) -> Sources:
    """Reads the file, named or from PLIMSOLL_CONFIG, and notes the environment's variables.

    ConfigurationError where the file cannot be read, or either names a setting that there is not.
    """
    named = os.environ.get(CONFIG_VARIABLE, "")
    path = file if file is not None else (Path(named) if named else None)
    variables = frozenset(name.upper() for name, value in os.environ.items() if value)
    problems = [*_unknown_nested(model, variables), *unknown_in_sections(model)]
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    if path is not None:
        root = read_lined(path, "settings file")
        problems += _unknown_keys(model, root, path)
        lines = dict(_lines(root, ""))
        plain = root.plain()
        values = plain if isinstance(plain, dict) else {}
    if problems:
        raise ConfigurationError("\n".join(problems))
    return Sources(model, path, values, lines, variables)


def unknown_variables(model: type[BaseModel]) -> tuple[str, ...]:
    """Variables that look like settings and are none; each with what was probably meant.

    They do not stop anything: an orchestrator may have put them there.
    """
    known = {setting.variable for setting in every_setting(model)}
    return tuple(
        f"environment variable {name} sets nothing: {near(name, known)}"
        for name in sorted(os.environ)
        if name.upper().startswith(PREFIX)
        and name.upper() not in known | {CONFIG_VARIABLE, *_section_variables(model)}
        and NESTED not in name
        and not name.upper().startswith(f"{PREFIX}TEST_")
        and not _SERVICE_LINK.search(name.upper())
    )


def _section_variables(model: type[BaseModel]) -> set[str]:
    return {_variable(section) for section in every_section(model)}


def _unknown_nested(model: type[BaseModel], variables: frozenset[str]) -> Iterator[str]:
    """A variable with two underscores in its middle is ours, so a wrong one is a mistake."""
    known = {setting.variable for setting in every_setting(model)} | _section_variables(model)
    for name in sorted(variables):
        if not name.startswith(PREFIX) or NESTED not in name:
            continue
        # A mapping's entries may be set one by one: PLIMSOLL_SCORER__ALLOWED_TENANTS__TOPIC.
        mappings = known - _section_variables(model)
        if name not in known and not any(name.startswith(k + NESTED) for k in mappings):
            yield f"environment variable {name} sets nothing: {near(name, known)}"


def _unknown_keys(model: type[BaseModel], root: Lined, path: Path) -> Iterator[str]:
    if not isinstance(root.value, dict):
        yield f"{path}:{root.line}: a settings file is a mapping of sections"
        return
    for key, entry in root.value.items():
        if key not in model.model_fields:
            yield f"{path}:{entry.line}: there is no setting {key}: {_near_key(key, model)}"
            continue
        section = section_of(model.model_fields[key])
        if section is not None:
            yield from _unknown_within(section, key, entry, path)


def _unknown_within(section: type[BaseModel], name: str, entry: Lined, path: Path) -> Iterator[str]:
    if not isinstance(entry.value, dict):
        yield f"{path}:{entry.line}: {name} is a section: write its settings below it, indented"
        return
    for key, inner in entry.value.items():
        if key not in section.model_fields:
            said = near(key, section.model_fields.keys())
            yield f"{path}:{inner.line}: there is no setting {name}.{key}: {said}"
            continue
        deeper = section_of(section.model_fields[key])
        if deeper is not None:
            yield from _unknown_within(deeper, f"{name}.{key}", inner, path)


def _near_key(key: str, model: type[BaseModel]) -> str:
    """Near names at the top, or the section that a bare name belongs to."""
    for setting in every_setting(model):
        if setting.section and setting.name == f"{setting.section}.{key}":
            return f"did you mean {setting.name} (below {setting.section}:)?"
    return near(key, model.model_fields.keys())


def _lines(entry: Lined, prefix: str) -> Iterator[tuple[str, int]]:
    if isinstance(entry.value, dict):
        for key, inner in entry.value.items():
            name = f"{prefix}.{key}" if prefix else key
            yield name, inner.line
            yield from _lines(inner, name)


def _parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _variable(name: str) -> str:
    return PREFIX + name.upper().replace(".", NESTED)


def _overlap(one: str, other: str) -> bool:
    """Whether one of two dotted names is the other, or within it."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")

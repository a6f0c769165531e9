"""Reads the chart's values.yaml with its comments: the one source of schema and reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.house.tree import ROOT

CHART = ROOT / "helm" / "plimsoll"
_DIRECTIVE = "@schema "


@dataclass(frozen=True, slots=True)
class Value:
    """One key of values.yaml: its path, default, words, and what bounds it."""

    path: tuple[str, ...]
    default: Any
    says: str
    bounds: dict[str, Any]
    children: tuple[Value, ...] = field(default=())

    @property
    def name(self) -> str:
        """As people write it."""
        return ".".join(self.path)

    def walk(self) -> Iterator[Value]:
        """Itself and everything below it."""
        yield self
        for child in self.children:
            yield from child.walk()


@cache
def values() -> tuple[Value, ...]:
    """The top of the file, in its order."""
    return read(CHART / "values.yaml")


def read(path: Path) -> tuple[Value, ...]:
    """The keys of a file of values, each with the comment above it."""
    text = path.read_text(encoding="utf-8")
    root = yaml.compose(text)
    if not isinstance(root, yaml.MappingNode):
        raise TypeError(f"{path} is no mapping")
    return tuple(_children((), root, text.splitlines()))


def _children(path: tuple[str, ...], node: yaml.MappingNode, lines: list[str]) -> Iterator[Value]:
    for key, inner in node.value:
        here = (*path, str(key.value))
        says, bounds = _comment(lines, key.start_mark.line, key.start_mark.column)
        nested: tuple[Value, ...] = ()
        if isinstance(inner, yaml.MappingNode) and not inner.flow_style:
            nested = tuple(_children(here, inner, lines))
        default = yaml.SafeLoader("").construct_document(inner)
        yield Value(here, default, says, bounds, nested)


def _comment(lines: list[str], line: int, column: int) -> tuple[str, dict[str, Any]]:
    """The comment that stands right above a line, and what its @schema says."""
    mark = " " * column + "# "
    words: list[str] = []
    bounds: dict[str, Any] = {}
    above = line - 1
    while above >= 0 and lines[above].startswith(mark):
        text = lines[above][len(mark) :].strip()
        if text.startswith(_DIRECTIVE):
            bounds = {**yaml.safe_load(text.removeprefix(_DIRECTIVE)), **bounds}
        else:
            words.insert(0, text.removeprefix("-- "))
        above -= 1
    return " ".join(words), bounds

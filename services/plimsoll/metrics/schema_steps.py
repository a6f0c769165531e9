"""An upper bound on the work of a JSON schema, so that none can stall a worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

_REFS = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
_SAME_PLACE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else"})
_SAME_PLACE_MAPS = frozenset({"dependentSchemas", "dependencies"})
_DATA = frozenset({"enum", "const", "default", "examples", "required", "$defs", "definitions"})
# `properties` of different names look at different places; other keywords may look at any.
_ANYWHERE = ""
_HERE = None
# Edges times levels that are followed; a schema of a few pages on any document has fewer.
_MAX_FOLLOWED = 200_000


@dataclass(slots=True)
class _Reach:
    """Subschemas of one target, and its references: at the same place, and below it by name."""

    size: int = 0
    here: Counter[str] = field(default_factory=Counter)
    below: dict[str, Counter[str]] = field(default_factory=dict)


class SchemaCost:
    """How the applications of a schema multiply: two references at one place double them.

    Over-counts on purpose: what looks two levels down counts as looking one level down.
    """

    def __init__(self, schema: object) -> None:
        self._reaches: dict[str, _Reach] = {}
        waiting = ["#"]
        while waiting:
            name = waiting.pop()
            if name in self._reaches:
                continue
            reach = _reach_of(_resolved(schema, name))
            self._reaches[name] = reach
            waiting += [*reach.here, *(target for by in reach.below.values() for target in by)]
        graph = {name: list(reach.here) for name, reach in self._reaches.items()}
        try:
            self._order: tuple[str, ...] | None = tuple(TopologicalSorter(graph).static_order())
        except CycleError:
            self._order = None
        self._edges = sum(
            1 + len(reach.here) + sum(map(len, reach.below.values()))
            for reach in self._reaches.values()
        )

    def steps(self, document: object, limit: int) -> int:
        """At most so many subschemas are applied to the document; `limit` where it may be more."""
        nodes, depth = _extent(document)
        levels = depth if len(self._reaches) > 1 or self._reaches["#"].below else 0
        if self._order is None or levels * self._edges > _MAX_FOLLOWED:
            return limit
        applied: dict[str, int] = dict.fromkeys(self._reaches, 0)
        for _ in range(levels + 1):
            applied = self._one_level_up(applied)
            if applied["#"] * nodes >= limit:
                return limit
        return applied["#"] * nodes

    def _one_level_up(self, below: Mapping[str, int]) -> dict[str, int]:
        """Applications along the dearest path, given those one level down."""
        applied: dict[str, int] = {}
        for name in self._order or ():
            reach = self._reaches[name]
            down = {key: _total(targets, below) for key, targets in reach.below.items()}
            anywhere = down.pop(_ANYWHERE, 0)
            dearest = max(down.values(), default=0)
            applied[name] = reach.size + _total(reach.here, applied) + anywhere + dearest
        return applied


def _total(targets: Counter[str], applied: Mapping[str, int]) -> int:
    return sum(times * applied[target] for target, times in targets.items())


def _reach_of(schema: object) -> _Reach:
    reach = _Reach()
    waiting: list[tuple[object, str | None]] = [(schema, _HERE)]
    while waiting:
        node, place = waiting.pop()
        if isinstance(node, list):
            waiting += [(item, place) for item in node]
        elif isinstance(node, dict):
            reach.size += 1
            for key, value in node.items():
                if key in _REFS and isinstance(value, str):
                    counter = (
                        reach.here if place is _HERE else reach.below.setdefault(place, Counter())
                    )
                    counter[value if key == "$ref" else "#"] += 1
                else:
                    waiting += _children(key, value, place)
    return reach


def _children(key: str, value: object, place: str | None) -> Iterator[tuple[object, str | None]]:
    """Subschemas under a keyword, each with the place that it looks at."""
    if key in _DATA or not isinstance(value, dict | list):
        return
    if key == "properties" and isinstance(value, dict):
        for name, subschema in value.items():
            # A blank in front keeps every name apart from `_ANYWHERE`.
            yield subschema, f" {name}" if place is _HERE else place
    elif isinstance(value, dict) and (key in _SAME_PLACE_MAPS or key == "patternProperties"):
        below = _ANYWHERE if place is _HERE and key == "patternProperties" else place
        for subschema in value.values():
            yield subschema, below
    elif key in _SAME_PLACE:
        yield value, place
    else:
        yield value, _ANYWHERE if place is _HERE else place


def _resolved(schema: object, name: str) -> object:
    """What a reference points at inside the schema; the schema itself where it is no pointer."""
    if not name.startswith("#/"):
        return schema
    node = schema
    for step in name[2:].split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and key in node:
            node = node[key]
        elif isinstance(node, list) and key.isascii() and key.isdigit() and int(key) < len(node):
            node = node[int(key)]
        else:
            return schema
    return node


def _extent(document: object) -> tuple[int, int]:
    """Nodes of a document and how deeply they are nested."""
    nodes, depth = 0, 0
    level = [document]
    while level:
        nodes += len(level)
        depth += 1
        below: list[object] = []
        for node in level:
            if isinstance(node, dict):
                below += node.values()
            elif isinstance(node, list):
                below += node
        level = below
    return nodes, depth

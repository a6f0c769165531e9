"""YAML that remembers where each of its values stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from plimsoll.domain.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Lined:
    """A value of a file and its line, counted from 1; an entry of a mapping has its key's line."""

    value: dict[str, Lined] | list[Lined] | str | int | float | bool | None
    line: int

    def plain(self) -> object:
        """The value without its lines."""
        if isinstance(self.value, dict):
            return {key: entry.plain() for key, entry in self.value.items()}
        if isinstance(self.value, list):
            return [entry.plain() for entry in self.value]
        return self.value


def read_lined(path: Path, what: str) -> Lined:
    """Reads a YAML file; ConfigurationError says what is wrong with it, and where."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(f"{what} {path} cannot be read: {reason}") from error
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return Lined({}, 1)
        return _lined(loader, node, path)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise ConfigurationError(f"{path}:{line}: not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: not YAML: {error}") from error
    except RecursionError as error:
        raise ConfigurationError(f"{path}: nested too deeply, or an alias of itself") from error
    finally:
        loader.dispose()


def _lined(loader: yaml.SafeLoader, node: yaml.Node, path: Path) -> Lined:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return Lined([_lined(loader, entry, path) for entry in node.value], line)
    if isinstance(node, yaml.MappingNode):
        return Lined(dict(_entries(loader, node, path)), line)
    value = loader.construct_object(node)
    if value is None or isinstance(value, str | int | float | bool):
        return Lined(value, line)
    # Dates and the like: nothing here is one, so its text is what was meant.
    return Lined(str(node.value), line)


def _entries(
    loader: yaml.SafeLoader, node: yaml.MappingNode, path: Path
) -> Iterator[tuple[str, Lined]]:
    seen: dict[str, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise ConfigurationError(f"{path}:{line}: a key must be a word, not a list or mapping")
        key = str(key_node.value)
        if key in seen:
            raise ConfigurationError(
                f"{path}:{line}: {key} stands here for the second time (first on line "
                f"{seen[key]}): keep one of them"
            )
        seen[key] = line
        yield key, Lined(_lined(loader, value_node, path).value, line)

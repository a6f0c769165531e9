"""Labels as people write them, beside results in a file or in a file of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from plimsoll.domain.errors import ConfigurationError, FatalError
from plimsoll.domain.identity import ResultKey

_RIGHT = {"1", "1.0", "true", "yes", "y", "right", "correct"}
_WRONG = {"0", "0.0", "false", "no", "n", "wrong", "incorrect"}
_FORM = 'a file of labels is JSON lines, as {"result_id": "r-1", "label": 1}, and no CSV'


def label_of(fields: Mapping[str, object], name: str) -> int | None:
    """1 for right, 0 for wrong, None where the field is empty or not there.

    The name is a column, a key of the JSON object, or one of its attributes. ValueError where it
    holds something else.
    """
    value = _value_of(fields, name)
    if value is None or value == "":
        return None
    word = str(value).strip().lower()
    if word in _RIGHT:
        return 1
    if word in _WRONG:
        return 0
    raise ValueError(f"{name} is {str(value)[:40]!r}, neither right (1, true) nor wrong (0, false)")


def _value_of(fields: Mapping[str, object], name: str) -> object:
    value = fields.get(name)
    attributes = fields.get("attributes")
    if value is None and isinstance(attributes, Mapping):
        value = attributes.get(name)
    return value


def read_labels(path: Path) -> dict[str, tuple[int, str]]:
    """Reads lines of {"result_id", "label", "group"?}: the label and the group of each ID.

    FatalError names the first line that is none, ConfigurationError a file without any.
    """
    found: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
            label = label_of(row, "label")
            result_id = str(row["result_id"])
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            # What a parser says of a CSV helps nobody.
            raise FatalError(f"{path}:{number}: not a label: {_FORM}") from error
        except ValueError as error:
            raise FatalError(f"{path}:{number}: not a label: {error}") from error
        if label is not None:
            found[result_id] = (label, str(row.get("group", result_id)))
    if not found:
        raise ConfigurationError(f"{path} holds no label: {_FORM}")
    return found


@dataclass(frozen=True, slots=True)
class Labels:
    """Where labels of results stand, and what says which results stand or fall together.

    `column` is theirs, and `group` that of the groups, beside the results; `by_id` are those of a
    file of their own, which come first. Empty ones leave something out.
    """

    column: str = ""
    group: str = ""
    by_id: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    def beside(self, fields: Mapping[str, object]) -> bool:
        """Whether the column is there at all, be it empty."""
        return _value_of(fields, self.column) is not None

    def of(self, key: ResultKey, fields: Mapping[str, object]) -> tuple[int, str] | None:
        """Label and group of a result; None where it has no label.

        ValueError for no label, and where the group that was named is not there: without it every
        interval would be too narrow. One that is empty stands alone.
        """
        known = self.by_id.get(key.result_id)
        if known is not None:
            return known
        label = label_of(fields, self.column) if self.column else None
        if label is None:
            return None
        if not self.group:
            return label, str(key)
        group = _value_of(fields, self.group)
        if group is None:
            raise ValueError(f"there is no {self.group[:40]!r} to group it by")
        return label, str(group) or str(key)

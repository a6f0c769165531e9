"""Labels as people write them, beside results in a file or in a file of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plimsoll.domain.identity import ResultKey

_RIGHT = {"1", "1.0", "true", "yes", "y", "right", "correct"}
_WRONG = {"0", "0.0", "false", "no", "n", "wrong", "incorrect"}


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


@dataclass(frozen=True, slots=True)
class Labels:
    """Where labels of results stand, and what says which results stand or fall together.

    `column` is theirs, and `group` that of the groups, beside the results; `by_id` are those of a
    file of their own, which come first, by tenant/result_id or by result_id alone. Empty ones leave
    something out.
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
        known = self.by_id.get(str(key)) or self.by_id.get(key.result_id)
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

"""Domain values in the JSON mapping of their protobuf messages."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any

from plimsoll.domain.result import LlmResult

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def result_line(result: LlmResult) -> str:
    """One result as one line of JSON, without fields that are empty."""
    document = _mapped(result)
    key = document.pop("key")
    return json.dumps({**key, **document}, ensure_ascii=False, separators=(",", ":"))


def _mapped(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return f"{_CAPITAL.sub('_', type(value).__name__).upper()}_{value.name}"
    if isinstance(value, tuple):
        return [_mapped(item) for item in value]
    if not is_dataclass(value):
        return value
    named = {field.name: getattr(value, field.name) for field in fields(value)}
    return {_camel(name): _mapped(part) for name, part in named.items() if not _is_empty(part)}


def _is_empty(part: Any) -> bool:
    unspecified = isinstance(part, StrEnum) and part.name == "UNSPECIFIED"
    return part is None or part in ("", ()) or unspecified


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)

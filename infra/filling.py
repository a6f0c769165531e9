"""Puts what an account knows into published documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NAME = re.compile(r"\$\{([A-Z]\w*)\}")


def filled(value: Any, known: Mapping[str, str]) -> Any:  # noqa: ANN401  JSON goes in and out
    """The value with every `${Name}` replaced, in keys too; KeyError names an unknown one."""
    if isinstance(value, str):
        return _NAME.sub(lambda found: known[found.group(1)], value)
    if isinstance(value, Mapping):
        return {filled(key, known): filled(item, known) for key, item in value.items()}
    return [filled(item, known) for item in value]

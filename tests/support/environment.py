"""Settings as environment variables, for services that run as processes of their own."""

from __future__ import annotations

import json
import os
from typing import Any

from pydantic import BaseModel, SecretStr

from plimsoll.settings.model import Settings

PREFIX = "PLIMSOLL_"


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment, with every setting of these that is not its default."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    return {**inherited, **_variables(settings, Settings.model_construct(), PREFIX)}


def _variables(values: BaseModel, defaults: BaseModel, prefix: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in type(values).model_fields:
        value, default = getattr(values, name), getattr(defaults, name)
        key = f"{prefix}{name.upper()}"
        if isinstance(value, BaseModel):
            found |= _variables(value, default, f"{key}__")
        elif value != default:
            found[key] = _text(value)
    return found


def _text(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict | list | tuple):
        return json.dumps(value)
    return str(value)

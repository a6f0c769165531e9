"""Settings as environment variables, for child processes."""

from __future__ import annotations

import json
import os
from pathlib import Path

from pydantic import BaseModel, SecretStr

from plimsoll.settings.fields import PREFIX, every_setting


def child_environment(settings: BaseModel) -> dict[str, str]:
    """This process's environment with exactly these settings, and no settings file.

    Every value is written out, so that nothing a child would find elsewhere can change them.
    """
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith(PREFIX)}
    for setting in every_setting(type(settings)):
        text = _text(setting.of(settings))
        if text:
            kept[setting.variable] = text
    return kept


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Path):
        # A child may start in another directory.
        return str(value.absolute())
    if isinstance(value, dict | list | tuple):
        return json.dumps(value) if value else ""
    return str(value)

"""Settings for eyes: every value with where it comes from, secrets masked."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, SecretStr

from plimsoll.settings.fields import every_setting
from plimsoll.settings.sources import Sources

MASK = "********"


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting as it may be shown: a mask stands for a secret that is set."""

    name: str
    value: object
    where: str


def shown(settings: BaseModel, sources: Sources) -> tuple[Shown, ...]:
    """Every setting in the order of the model; values are strings, numbers, lists or mappings."""
    return tuple(
        Shown(
            setting.name,
            _plain(setting.of(settings)),
            sources.where(setting.name) if _is_set(settings, setting.name) else "default",
        )
        for setting in every_setting(type(settings))
    )


def _is_set(settings: BaseModel, name: str) -> bool:
    """Whether anybody set it: a section that is there sets only what stands in it."""
    *sections, last = name.split(".")
    for part in sections:
        if part not in settings.model_fields_set:
            return False
        settings = getattr(settings, part)
    return last in settings.model_fields_set


def _plain(value: object) -> object:
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if value is None or isinstance(value, bool | int | float | dict | list):
        return value
    return str(value)

"""Every setting by its dotted name, with its environment variable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

PREFIX = "PLIMSOLL_"
NESTED = "__"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its section at the top, "" outside; its dotted name; its field."""

    section: str
    name: str
    field: FieldInfo

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper().replace(".", NESTED)

    @property
    def secret(self) -> bool:
        """Whether its value is never shown."""
        return self.field.annotation is SecretStr

    @property
    def default(self) -> object:
        """Its default."""
        return self.field.get_default(call_default_factory=True)

    def of(self, settings: BaseModel) -> object:
        """Its value in these settings."""
        value: object = settings
        for part in self.name.split("."):
            value = getattr(value, part)
        return value


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a field that is a section, or None."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def every_setting(model: type[BaseModel]) -> Iterator[Setting]:
    """All settings in the order of the model, sections after what stands at the top."""
    fields: Mapping[str, FieldInfo] = model.model_fields
    for name, field in fields.items():
        if section_of(field) is None:
            yield Setting("", name, field)
    for section, field in fields.items():
        inner = section_of(field)
        if inner is not None:
            yield from _within(inner, section, section)


def every_section(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The dotted names of all sections, those within others too."""
    for name, field in model.model_fields.items():
        inner = section_of(field)
        if inner is not None:
            yield f"{prefix}{name}"
            yield from every_section(inner, f"{prefix}{name}.")


def _within(model: type[BaseModel], section: str, prefix: str) -> Iterator[Setting]:
    """What a section holds, sections within it after its own."""
    fields = model.model_fields
    for name, field in fields.items():
        if section_of(field) is None:
            yield Setting(section, f"{prefix}.{name}", field)
    for name, field in fields.items():
        inner = section_of(field)
        if inner is not None:
            yield from _within(inner, section, f"{prefix}.{name}")

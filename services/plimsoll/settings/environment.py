"""What is wrong with JSON in the environment: which variable, which key of it, and why."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from plimsoll.settings.fields import NESTED, PREFIX, every_section, every_setting, section_of
from plimsoll.settings.near import near

JSON_FORM = (
    'lists and mappings of the environment are JSON, as [0.05, 0.1] or {"topic": ["tenant"]}'
)


def unknown_in_sections(model: type[BaseModel]) -> Iterator[str]:
    """Of each variable that sets a whole section: that it does not, or keys that set nothing."""
    given = _given()
    for section in every_section(model):
        variable = PREFIX + section.upper().replace(".", NESTED)
        try:
            value = json.loads(given.get(variable, "{}"))
        except json.JSONDecodeError as error:
            yield _broken(variable, error)
            continue
        inner = model
        for part in section.split("."):
            inner = section_of(inner.model_fields[part]) or inner
        yield from _unknown(inner, section, value, variable)


def broken_json(model: type[BaseModel], is_json: Callable[[FieldInfo], bool]) -> Iterator[str]:
    """Of each variable whose setting is JSON in the environment that it is none.

    An entry of a mapping that has a variable of its own counts as the mapping does.
    """
    given = _given()
    for setting in every_setting(model):
        if not is_json(setting.field):
            continue
        for variable, text in given.items():
            if variable == setting.variable or variable.startswith(setting.variable + NESTED):
                try:
                    json.loads(text)
                except json.JSONDecodeError as error:
                    yield _broken(variable, error)


def _given() -> Mapping[str, str]:
    return {name.upper(): text for name, text in sorted(os.environ.items()) if text}


def _broken(variable: str, error: json.JSONDecodeError) -> str:
    # The text itself may hold a secret.
    at_end = error.pos >= len(error.doc.rstrip())
    where = "its end" if at_end else f"character {error.pos + 1}"
    said = f"{error.msg.removesuffix(' at')} at {where}"
    return f"environment variable {variable} is no JSON: {said}; {JSON_FORM}"


def _unknown(model: type[BaseModel], name: str, value: object, variable: str) -> Iterator[str]:
    where = f"environment variable {variable}"
    if not isinstance(value, dict):
        yield f"{where}: {name} is a section: a JSON mapping of its settings"
        return
    for key, inner in value.items():
        if key not in model.model_fields:
            said = near(key, model.model_fields.keys())
            yield f"{where}: there is no setting {name}.{key[:40]}: {said}"
            continue
        deeper = section_of(model.model_fields[key])
        if deeper is not None:
            yield from _unknown(deeper, f"{name}.{key}", inner, variable)

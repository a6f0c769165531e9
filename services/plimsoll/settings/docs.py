"""The reference of settings in Markdown, from the model itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import get_args, get_origin

from pydantic import BaseModel, SecretStr

from plimsoll.settings.fields import Setting, every_setting, section_of
from plimsoll.settings.model import Settings

_OPENING = """\
# Settings

<!-- Written by `plimsoll settings docs --out docs/settings.md`; a test keeps it fresh. -->

An environment variable decides before the settings file, the file before the default. The file is
YAML, one section below the other; name it with `--config FILE` or `PLIMSOLL_CONFIG`. An empty
variable counts as not set. What is misspelt is refused, with what was probably meant.
`plimsoll settings show` prints what is in effect and where each value comes from; `plimsoll doctor`
tries it out.

```yaml
kafka:
  bootstrap_servers: broker-1:9093,broker-2:9093   # PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS
  security_protocol: SASL_SSL
scorer:
  plan_file: plan.yaml
```
"""
_HEAD = "| setting | variable | what | default |\n| --- | --- | --- | --- |\n"
_BOUNDS = (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than"))


def settings_reference() -> str:
    """The whole page."""
    return "\n".join([_OPENING, *_sections(Settings)])


def _sections(model: type[BaseModel]) -> Iterator[str]:
    settings = list(every_setting(model))
    yield "## At the top\n\n" + _table(s for s in settings if not s.section)
    for name, field in model.model_fields.items():
        section = section_of(field)
        if section is not None:
            about = (section.__doc__ or "").partition("\n")[0]
            rows = _table(s for s in settings if s.section == name)
            yield f"## {name}\n\n{about}\n\n{rows}"


def _table(settings: Iterator[Setting]) -> str:
    return _HEAD + "".join(_row(setting) for setting in settings)


def _row(setting: Setting) -> str:
    what = " ".join([setting.field.description or "", *_limits(setting)]).replace("|", "\\|")
    return f"| `{setting.name}` | `{setting.variable}` | {what} | {_default(setting)} |\n"


def _limits(setting: Setting) -> Iterator[str]:
    kinds = _kinds(setting.field.annotation)
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, Enum):
            yield f"One of {', '.join(f'`{member.value}`' for member in kind)}."
    if any(get_origin(kind) is dict for kind in kinds):
        yield "As a variable: JSON."
    said = [
        f"{words} {getattr(bound, name):,}"
        for bound in setting.field.metadata
        for name, words in _BOUNDS
        if hasattr(bound, name)
    ]
    if said:
        text = ", ".join(said)
        yield f"{text[0].upper()}{text[1:]}."


def _kinds(annotation: object) -> tuple[object, ...]:
    if get_origin(annotation) is UnionType or isinstance(annotation, UnionType):
        return tuple(kind for kind in get_args(annotation) if kind is not NoneType)
    return (annotation,)


def _default(setting: Setting) -> str:
    value = setting.default
    if isinstance(value, SecretStr) or value is None or value in ("", {}, []):
        return ""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, list):
        # As JSON, which is how the environment's lists are written.
        value = json.dumps(value)
    if isinstance(value, Path):
        value = value.as_posix()
    if isinstance(value, bool):
        value = str(value).lower()
    return f"`{value}`"

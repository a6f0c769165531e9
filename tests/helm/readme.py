"""Makes the chart's README from its opening words and the comments of values.yaml."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.helm.schema import alerts
from tests.helm.values_file import CHART, Value, values

_MAX_DEFAULT = 60
_WRITTEN = "<!-- Written by `make chart` from README.opening.md and values.yaml. -->"


def readme() -> str:
    """The file's text."""
    opening = (CHART / "README.opening.md").read_text(encoding="utf-8").rstrip()
    parts = [
        _WRITTEN,
        opening,
        "## Alerts",
        _alerts(),
        "## Values",
        "\n".join(_sections()),
    ]
    return "\n\n".join(parts).rstrip() + "\n"


def _alerts() -> str:
    rows = ["| alert | when | severity | for |", "| --- | --- | --- | --- |"]
    for rule in alerts():
        said = rule["annotations"]["summary"]
        rows.append(
            f"| `{rule['alert']}` | {said} | {rule['labels']['severity']} | {rule['for']} |"
        )
    return "\n".join(rows)


def _sections() -> Iterator[str]:
    plain = [value for value in values() if not value.children]
    yield _table(plain)
    for value in values():
        if value.children:
            yield f"### {value.name}\n\n{value.says}\n\n" + _table(_leaves(value))


def _leaves(value: Value) -> Iterator[Value]:
    for child in value.children:
        if child.children and not child.bounds.get("k8s"):
            if child.says:
                yield child
            yield from _leaves(child)
        else:
            yield child


def _table(rows: Any) -> str:
    text = "| value | what | default |\n| --- | --- | --- |\n"
    for value in rows:
        says = value.says.replace("|", "\\|")
        text += f"| `{value.name}` | {says} | {_default(value)} |\n"
    return text


def _default(value: Value) -> str:
    if value.children and not value.bounds.get("k8s"):
        return ""
    text = json.dumps(value.default, ensure_ascii=False)
    return f"`{text}`" if len(text) <= _MAX_DEFAULT else "see values.yaml"

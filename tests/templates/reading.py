"""Published templates as tests read them."""

from __future__ import annotations

import json
from typing import Any

from tests.support.infra_tools import ROOT

TEMPLATES = ROOT / "infra" / "templates"
NAMES = ("dev", "existing", "prod")


def template(name: str) -> dict[str, Any]:
    """A published template."""
    found: dict[str, Any] = json.loads((TEMPLATES / f"{name}.template.json").read_text())
    return found


def resources(name: str, kind: str) -> dict[str, dict[str, Any]]:
    """Properties of a template's resources of one type, by their logical IDs."""
    return {
        logical: found["Properties"]
        for logical, found in template(name)["Resources"].items()
        if found["Type"] == f"AWS::{kind}"
    }


def joined(value: Any) -> str:
    """A value's text with intrinsic functions as JSON in it."""
    if isinstance(value, dict) and "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(joined(part) for part in parts)
    return value if isinstance(value, str) else json.dumps(value)

"""`make policies`: writes infra/policies/*.json from the settings' defaults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from infra.rights import documents
from plimsoll.settings.model import Settings

POLICIES = Path(__file__).with_name("policies")


def texts(settings: Settings) -> Mapping[str, str]:
    """The text of each file by its name."""
    return {
        f"{name}.json": json.dumps(found, indent=2) + "\n"
        for name, found in documents(settings).items()
    }


def defaults() -> Settings:
    """The settings as they are where nobody sets anything, whatever the environment says."""
    return Settings.model_construct()


def main() -> None:
    """Writes what is new and removes what is no longer made."""
    found = texts(defaults())
    for name, text in found.items():
        (POLICIES / name).write_text(text, encoding="utf-8")
    for path in POLICIES.glob("*.json"):
        if path.name not in found:
            path.unlink()


if __name__ == "__main__":
    main()

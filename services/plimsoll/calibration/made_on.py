"""The day on which a fitted artefact was made, as it says beside its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

MADE_ON = "made_on"


def made_on(document: Mapping[str, Any]) -> date | None:
    """The day (UTC); None where the document does not say; ValueError where it is none (ISO)."""
    said = document.get(MADE_ON)
    return None if said is None else date.fromisoformat(str(said))

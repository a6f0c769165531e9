"""What a deployment's own labels have taught of how well metrics tell right from wrong."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field


class StrengthSettings(BaseModel):
    """How well each metric tells right from wrong, on labels of one's own."""

    file: Path | None = Field(
        None,
        description="What `plimsoll strengths learn` has measured on labelled results; its figures "
        "go before those that ship, each for its own version, task kind, language and model.",
    )

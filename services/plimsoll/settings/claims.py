"""What labels have taught of which claims of a response to keep."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field


class ClaimSettings(BaseModel):
    """Which claims of a response to keep, so that few enough of them are false."""

    filter_file: Path | None = Field(
        None,
        description="What `plimsoll claims learn` has learned from labelled claims; with it "
        "`claim_faithfulness` marks the claims to keep, and says what that promises.",
    )

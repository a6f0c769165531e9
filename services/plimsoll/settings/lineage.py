"""What labels have taught of results that were made from others."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field


class LineageSettings(BaseModel):
    """How far a result may be trusted for the results that it was made from."""

    conditional_file: Path | None = Field(
        None,
        description="What `plimsoll lineage` has learned from labelled results with parents; with "
        "none `right_given_parents` says `not_configured`.",
    )

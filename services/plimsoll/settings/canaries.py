"""How many canaries judges are asked, what they may cost, and what of their answers is bad."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field, SecretStr


class CanarySettings(BaseModel):
    """Items whose right verdict is known, asked beside results to see how judges do now."""

    share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Canaries as a share of what each judge is asked anew about results; 0 asks "
        "none, 0.02 suits most. They cost what results cost.",
    )
    budget_tokens: int = Field(
        200_000,
        ge=0,
        description="Tokens that canaries may use in a day (UTC), all judges that share "
        "judges.path together; no tenant's budget pays for them.",
    )
    budget_usd: float | None = Field(
        None, ge=0, description="The same in US dollars; needs prices of the models."
    )
    files: list[Path] = Field(
        default_factory=list,
        description="YAML files of items of your own, one rubric each, beside those that ship.",
    )
    seed: SecretStr = Field(
        SecretStr(""),
        description="Decides which results are followed by which canary: keep it from producers; "
        "empty draws one at each start.",
    )
    window: int = Field(
        400,
        ge=20,
        le=2_000,
        description="So many of the newest answers of a judge to a rubric's canaries are counted.",
    )
    fooled_at_most: float = Field(
        0.05, ge=0, le=1, description="A judge that is surely fooled more often is reported."
    )
    right_at_least: float = Field(
        0.7,
        ge=0,
        le=1,
        description="So is one whose sensitivity or specificity is surely lower than this.",
    )

"""Which bodies of results are fetched from elsewhere."""

from __future__ import annotations

from pydantic import BaseModel, Field


class BodySettings(BaseModel):
    """Texts that a result names by reference; only what is listed is ever read."""

    prefixes: list[str] = Field(
        default_factory=list,
        description="What may be fetched: s3://bucket/prefix/ or file:///folder/, each with a "
        "slash at its end; {tenant} stands for the result's tenant. Empty fetches nothing. As a "
        "variable: JSON.",
    )
    max_bytes: int = Field(
        1024 * 1024, ge=1, le=64 * 1024 * 1024, description="Of one body; a larger one is absent."
    )
    max_result_bytes: int = Field(
        8 * 1024 * 1024, ge=1, le=256 * 1024 * 1024, description="Of all bodies of one result."
    )
    timeout_s: float = Field(
        5.0, gt=0, le=60, description="For all bodies of one result, retries and all."
    )
    concurrency: int = Field(8, ge=1, le=100, description="Bodies fetched at once by a process.")
    s3_region: str = Field("", description="AWS region; empty takes that of the AWS configuration.")
    s3_endpoint_url: str = Field("", description="Another endpoint than AWS's own, as MinIO's.")

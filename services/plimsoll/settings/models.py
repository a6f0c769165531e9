"""Models that metrics may use: where they are, and what they may take."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field


class ModelSettings(BaseModel):
    """Models on the side; with none configured the metrics that need one say `not_configured`."""

    embedder: str = Field(
        "",
        description="Embedding model: a folder with model.onnx and tokenizer.json, or a hub ID.",
    )
    embedder_revision: str = Field("", description="Commit of the hub ID; its newest where empty.")
    entailment: str = Field(
        "",
        description="Entailment (NLI) model: a folder with model.onnx, tokenizer.json and "
        "config.json, or a hub ID.",
    )
    entailment_revision: str = Field(
        "", description="Commit of the hub ID; its newest where empty."
    )
    download: bool = Field(
        False, description="Fetch a hub ID that is not in the local cache; off: never."
    )
    cache_dir: Path | None = Field(
        None, description="Where hub models are kept; the hub client's own folder where empty."
    )
    threads: int = Field(1, ge=1, description="Threads of one compute process for its models.")
    batch_size: int = Field(
        1,
        ge=1,
        description="Texts or pairs of one length given to a model at once; above 1, numbers of a "
        "quantised model depend a little on what else the result holds.",
    )
    max_tokens: int = Field(
        512, ge=8, description="Longer texts and pairs are cut; what a model allows may be less."
    )
    memory_mib: int = Field(
        4_096,
        ge=512,
        description="Address space that a compute process may have besides its own 2 GiB, where a "
        "model is configured.",
    )

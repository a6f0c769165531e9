"""Names of the topics."""

from __future__ import annotations

from pydantic import BaseModel, Field


class TopicNames(BaseModel):
    """One name per role; `plimsoll topics apply` creates them."""

    results: str = Field("llm.results.v1", description="LLM results to score.")
    scores: str = Field(
        "llm.scores.v1", description="Scored results: the truth the store is made from."
    )
    rescores: str = Field(
        "llm.rescores.v1", description="Requests to score again, at lower priority."
    )
    feedback: str = Field("llm.feedback.v1", description="Labels.")
    quality: str = Field("llm.quality.v1", description="Windows of quality.")
    erasures: str = Field(
        "llm.erasures.v1", description="Orders to erase, and the proof that they were carried out."
    )
    calibrations: str = Field(
        "llm.calibrations.v1", description="What was learned from labels, and the promises made."
    )
    dead_letters: str = Field(
        "llm.results.v1.dlq", description="Poison, with its bytes and reason."
    )

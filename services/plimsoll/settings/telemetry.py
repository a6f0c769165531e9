"""Settings of traces and evaluation events."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class EvaluationEvents(StrEnum):
    """What is told of a traced result beside its spans."""

    NONE = "none"
    CONFIDENCE = "confidence"
    SCORES = "scores"


class TelemetrySettings(BaseModel):
    """Traces and evaluation events over OTLP; series for Prometheus are set for each service."""

    model_config = ConfigDict(extra="forbid")

    otlp_endpoint: str = Field(
        "",
        description=(
            "Where an OpenTelemetry collector takes OTLP over HTTP, as `http://collector:4318`; "
            "empty traces nothing. Needs the extra `otel`."
        ),
    )
    sampling_ratio: float = Field(
        1.0,
        ge=0.0,
        le=1.0,
        description="Share of what comes without a trace that is traced; else its trace decides.",
    )
    evaluation_events: EvaluationEvents = Field(
        EvaluationEvents.CONFIDENCE,
        description=(
            "Which `gen_ai.evaluation.result` events a traced result gives: of its confidence, "
            "of each score as well, or none."
        ),
    )

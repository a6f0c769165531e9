"""Scored results: from values to protobuf."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.confidence import Confidence, Decision, Estimate
from plimsoll.domain.result import NO_GEN_AI
from plimsoll.domain.score import Evidence, Interval, Score, Strength, Unmeasured
from plimsoll.domain.scored import Observation, ScoredResult
from plimsoll.v1 import common_pb2, score_pb2
from plimsoll.wire.enums import (
    ABSENCE_REASON,
    CONFIDENCE_STATUS,
    INTERVAL_KIND,
    TASK_KIND,
    VERDICT,
)
from plimsoll.wire.results import gen_ai_to_proto
from plimsoll.wire.times import set_duration, set_timestamp


def scored_to_proto(scored: ScoredResult) -> score_pb2.ScoredResult:
    """The message of a scored result."""
    message = content_to_proto(scored)
    message.content_digest = scored.content_digest
    if scored.observation is not None:
        write_observation(message.observation, scored.observation)
    return message


def content_to_proto(scored: ScoredResult) -> score_pb2.ScoredResult:
    """The part that a content digest is made of: without that digest, and no observation."""
    message = score_pb2.ScoredResult(
        result_id=scored.key.result_id,
        tenant=scored.key.tenant,
        conversation_id=scored.conversation_id,
        turn=scored.turn,
        subject_id=scored.subject_id,
        task_kind=TASK_KIND.numbers[scored.task_kind],  # type: ignore[arg-type] # a number is one
        language=scored.language,
        score_id=scored.score_id,
        revision=scored.revision,
        input_digest=scored.input_digest,
        plan_version=scored.plan_version,
        scores=[_score(score) for score in scored.scores],
        confidence=_confidence(scored.confidence),
        complete=scored.complete,
        evidence_trimmed=scored.evidence_trimmed,
    )
    if scored.create_time is not None:
        set_timestamp(message.create_time, scored.create_time)
    if scored.gen_ai is not NO_GEN_AI and scored.gen_ai != NO_GEN_AI:
        message.gen_ai.CopyFrom(gen_ai_to_proto(scored.gen_ai))
    if scored.decision is not None:
        message.decision.CopyFrom(_decision(scored.decision))
    return message


def write_observation(message: score_pb2.Observation, observed: Observation) -> None:
    """Fills an empty message."""
    source = observed.source
    message.source.topic = source.topic
    message.source.partition = source.partition
    message.source.offset = source.offset
    message.source.index = source.index
    set_timestamp(message.publish_time, observed.publish_time)
    set_timestamp(message.score_time, observed.score_time)
    set_duration(message.latency, observed.latency)
    message.attempts = observed.attempts
    message.traceparent = observed.traceparent
    message.scorer = observed.scorer
    for item in observed.metrics:
        entry = message.metrics.add(metric=item.metric, cost_usd=item.cost_usd)
        set_duration(entry.latency, item.latency)


def _score(score: Score) -> score_pb2.Score:
    outcome = score.outcome
    absent = isinstance(outcome, Absence)
    return score_pb2.Score(
        metric=score.metric,
        version=score.version,
        value=None if isinstance(outcome, Absence) else outcome,  # type: ignore[arg-type] # None leaves it unset
        absence=_absence(outcome) if isinstance(outcome, Absence) else None,
        raw_value=None if absent else score.raw_value,
        interval=None if score.interval is None else _interval(score.interval),
        uncertainty=score.uncertainty,
        strength=_strength(score.strength),
        evidence=[_evidence(item) for item in score.evidence],
        provenance_hash=score.provenance_hash,
        provenance=dict(score.provenance),
        flags=score.flags,
    )


def _absence(absence: Absence) -> common_pb2.Absence:
    return common_pb2.Absence(
        reason=ABSENCE_REASON.numbers[absence.reason],  # type: ignore[arg-type] # a number is one
        detail=absence.detail,
    )


def _interval(interval: Interval) -> common_pb2.Interval:
    return common_pb2.Interval(
        lower=interval.lower,
        upper=interval.upper,
        level=interval.level,
        kind=INTERVAL_KIND.numbers[interval.kind],  # type: ignore[arg-type] # a number is one
    )


def _strength(strength: Strength | Unmeasured) -> score_pb2.Strength:
    if isinstance(strength, Unmeasured):
        return score_pb2.Strength(unmeasured=strength.why)
    return score_pb2.Strength(
        measured=score_pb2.MeasuredStrength(
            auroc=strength.auroc,
            interval=_interval(strength.interval),
            labels=strength.labels,
            dataset=strength.dataset,
            task_kind=TASK_KIND.numbers[strength.task_kind],  # type: ignore[arg-type] # as above
            language=strength.language,
        )
    )


def _evidence(evidence: Evidence) -> score_pb2.Evidence:
    return score_pb2.Evidence(
        kind=evidence.kind,
        ref=evidence.ref,
        start=evidence.start,
        end=evidence.end,
        text=evidence.text,
    )


def _confidence(confidence: Confidence) -> score_pb2.Confidence:
    outcome = confidence.outcome
    value = absence = None
    if isinstance(outcome, Estimate):
        value = score_pb2.ConfidenceValue(point=outcome.point, interval=_interval(outcome.interval))
    else:
        absence = _absence(outcome)
    return score_pb2.Confidence(
        value=value,
        absence=absence,
        status=CONFIDENCE_STATUS.numbers[confidence.status],  # type: ignore[arg-type] # as above
        calibration_id=confidence.calibration_id,
        labels=confidence.labels,
        weakest_metric=confidence.weakest_metric,
    )


def _decision(decision: Decision) -> score_pb2.Decision:
    return score_pb2.Decision(
        policy=decision.policy,
        verdict=VERDICT.numbers[decision.verdict],  # type: ignore[arg-type] # a number is one
        condition=decision.condition,
        certificate=decision.certificate,
    )

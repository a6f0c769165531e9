"""Scored results: from protobuf to values."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.claims import Claim, ClaimFilter, ClaimPromise
from plimsoll.domain.confidence import Confidence, Decision, Estimate, Promise
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.quick import quick
from plimsoll.domain.record import Position
from plimsoll.domain.result import NO_GEN_AI
from plimsoll.domain.score import NO_STRENGTH, Evidence, Interval, Score, Strength, Unmeasured
from plimsoll.domain.scored import MetricObservation, Observation, ScoredResult
from plimsoll.v1 import common_pb2, score_pb2
from plimsoll.wire.claim_promises import claim_promise_from_proto
from plimsoll.wire.enums import (
    ABSENCE_REASON,
    CONFIDENCE_STATUS,
    EVIDENCE_STATE,
    INTERVAL_KIND,
    TASK_KIND,
    VERDICT,
)
from plimsoll.wire.results import gen_ai_from_proto
from plimsoll.wire.times import to_datetime, to_timedelta

# What an event has many of, or fields.
_Score = quick(Score)
_Interval = quick(Interval)
_Strength = quick(Strength)
_Evidence = quick(Evidence)
_Confidence = quick(Confidence)
_Estimate = quick(Estimate)
_Observation = quick(Observation)
_MetricObservation = quick(MetricObservation)
_ScoredResult = quick(ScoredResult)
_NO_OUTCOME = Absence(AbsenceReason.UNSPECIFIED, "neither a value nor an absence was written")
_NO_PROMISE = Absence(AbsenceReason.UNSPECIFIED, "no promise that is known here was written")
# Of what has no interval nobody has said how sure it is: zeros would.
_NO_INTERVAL = Absence(AbsenceReason.UNSPECIFIED, "a value without an interval was written")


def scored_from_proto(message: score_pb2.ScoredResult) -> ScoredResult:
    """The value of a message; an outcome that is not there reads as an absence."""
    has = message.HasField
    return _ScoredResult(
        key=ResultKey(message.tenant, message.result_id),
        score_id=message.score_id,
        revision=message.revision,
        input_digest=message.input_digest,
        plan_version=message.plan_version,
        scores=tuple(_score(score) for score in message.scores),
        confidence=_confidence(message.confidence),
        conversation_id=message.conversation_id,
        turn=message.turn if has("turn") else None,
        subject_id=message.subject_id,
        create_time=to_datetime(message.create_time) if has("create_time") else None,
        task_kind=TASK_KIND[message.task_kind],
        language=message.language,
        gen_ai=gen_ai_from_proto(message.gen_ai) if has("gen_ai") else NO_GEN_AI,
        content_digest=message.content_digest,
        decision=_decision(message.decision) if has("decision") else None,
        complete=message.complete,
        evidence_trimmed=message.evidence_trimmed,
        evidence_state=EVIDENCE_STATE[message.evidence_state],
        observation=_observation(message.observation) if has("observation") else None,
    )


def _score(message: score_pb2.Score) -> Score:
    has = message.HasField
    outcome: float | Absence = _NO_OUTCOME
    if has("value"):
        outcome = message.value
    elif has("absence"):
        outcome = _absence(message.absence)
    return _Score(
        metric=message.metric,
        version=message.version,
        outcome=outcome,
        raw_value=message.raw_value if has("raw_value") else None,
        interval=_interval(message.interval) if has("interval") else None,
        uncertainty=message.uncertainty if has("uncertainty") else None,
        strength=_strength(message.strength) if has("strength") else NO_STRENGTH,
        evidence=tuple(_evidence(item) for item in message.evidence),
        provenance_hash=message.provenance_hash,
        provenance=tuple(sorted(message.provenance.items())),
        flags=tuple(message.flags),
        claim_filter=_claim_filter(message.claim_filter) if has("claim_filter") else None,
    )


def _claim_filter(message: score_pb2.ClaimFilter) -> ClaimFilter:
    """Marks without a promise that this reader knows are none: what they say is not known."""
    outcome: ClaimPromise | Absence = _NO_PROMISE
    if message.HasField("promise"):
        outcome = claim_promise_from_proto(message.promise) or _NO_PROMISE
    elif message.HasField("absence"):
        outcome = _absence(message.absence)
    if isinstance(outcome, Absence):
        return ClaimFilter(message.filter_id, outcome)
    claims = (Claim(one.start, one.end, one.score, one.kept) for one in message.claims)
    return ClaimFilter(message.filter_id, outcome, tuple(claims))


def _absence(message: common_pb2.Absence) -> Absence:
    return Absence(ABSENCE_REASON[message.reason], message.detail)


def _interval(message: common_pb2.Interval) -> Interval:
    return _Interval(message.lower, message.upper, message.level, INTERVAL_KIND[message.kind])


def _strength(message: score_pb2.Strength) -> Strength | Unmeasured:
    if not message.HasField("measured"):
        return Unmeasured(message.unmeasured)
    measured = message.measured
    if not measured.HasField("interval"):
        return Unmeasured("a strength without an interval was written")
    return _Strength(
        auroc=measured.auroc,
        interval=_interval(measured.interval),
        labels=measured.labels,
        dataset=measured.dataset,
        task_kind=TASK_KIND[measured.task_kind],
        language=measured.language,
        model=measured.model,
    )


def _evidence(message: score_pb2.Evidence) -> Evidence:
    has = message.HasField
    return _Evidence(
        kind=message.kind,
        ref=message.ref,
        start=message.start if has("start") else None,
        end=message.end if has("end") else None,
        text=message.text,
    )


def _confidence(message: score_pb2.Confidence) -> Confidence:
    outcome: Estimate | Absence = _NO_OUTCOME
    if message.HasField("value"):
        outcome = _estimate(message.value) or _NO_INTERVAL
    elif message.HasField("absence"):
        outcome = _absence(message.absence)
    return _Confidence(
        outcome=outcome,
        status=CONFIDENCE_STATUS[message.status],
        calibration_id=message.calibration_id,
        labels=message.labels,
        weakest_metric=message.weakest_metric,
        basis=message.basis,
        unlearned=_estimate(message.unlearned) if message.HasField("unlearned") else None,
        promises=tuple(Promise(item.error_rate, item.certificate) for item in message.promises)
        if message.promises
        else (),
    )


def _estimate(message: score_pb2.ConfidenceValue) -> Estimate | None:
    if not message.HasField("interval"):
        return None
    return _Estimate(message.point, _interval(message.interval))


def _decision(message: score_pb2.Decision) -> Decision:
    verdict = VERDICT[message.verdict]
    return Decision(message.policy, verdict, message.condition, message.certificate)


def _observation(message: score_pb2.Observation) -> Observation | None:
    """None where the event does not say when: what it would be counted by is not known."""
    if not (message.HasField("publish_time") and message.HasField("score_time")):
        return None
    source = message.source
    return _Observation(
        source=Position(source.topic, source.partition, source.offset, source.index),
        publish_time=to_datetime(message.publish_time),
        score_time=to_datetime(message.score_time),
        latency=to_timedelta(message.latency),
        attempts=message.attempts,
        metrics=tuple(
            _MetricObservation(
                item.metric,
                to_timedelta(item.latency),
                item.cost_usd if item.HasField("cost_usd") else None,
            )
            for item in message.metrics
        ),
        traceparent=message.traceparent,
        scorer=message.scorer,
    )

"""Scored results: from values to protobuf.

Written field by field into the message they belong to: a part that is made apart is copied into
its whole, which costs more than filling it.
"""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.claims import ClaimFilter
from plimsoll.domain.confidence import Confidence, Decision, Estimate
from plimsoll.domain.result import NO_GEN_AI
from plimsoll.domain.score import Evidence, Interval, Score, Strength, Unmeasured
from plimsoll.domain.scored import Observation, ScoredResult
from plimsoll.v1 import common_pb2, score_pb2
from plimsoll.wire.claim_promises import write_claim_promise
from plimsoll.wire.enums import (
    ABSENCE_REASON,
    CONFIDENCE_STATUS,
    EVIDENCE_STATE,
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
    message = score_pb2.ScoredResult()
    message.tenant, message.result_id = scored.key.tenant, scored.key.result_id
    message.conversation_id = scored.conversation_id
    if scored.turn is not None:
        message.turn = scored.turn
    message.subject_id = scored.subject_id
    if scored.create_time is not None:
        set_timestamp(message.create_time, scored.create_time)
    message.task_kind = TASK_KIND.numbers[scored.task_kind]  # type: ignore[assignment] # a number is one
    message.language = scored.language
    if scored.gen_ai is not NO_GEN_AI and scored.gen_ai != NO_GEN_AI:
        message.gen_ai.CopyFrom(gen_ai_to_proto(scored.gen_ai))
    message.score_id = scored.score_id
    message.revision = scored.revision
    message.input_digest = scored.input_digest
    message.plan_version = scored.plan_version
    for score in scored.scores:
        _write_score(message.scores.add(), score)
    _write_confidence(message.confidence, scored.confidence)
    if scored.decision is not None:
        _write_decision(message.decision, scored.decision)
    message.complete = scored.complete
    message.evidence_trimmed = scored.evidence_trimmed
    message.evidence_state = EVIDENCE_STATE.numbers[scored.evidence_state]  # type: ignore[assignment] # a number is one
    return message


def write_observation(message: score_pb2.Observation, observed: Observation) -> None:
    """Fills an empty message."""
    source = observed.source
    place = message.source
    place.topic = source.topic
    place.partition = source.partition
    place.offset = source.offset
    place.index = source.index
    set_timestamp(message.publish_time, observed.publish_time)
    set_timestamp(message.score_time, observed.score_time)
    set_duration(message.latency, observed.latency)
    message.attempts = observed.attempts
    message.traceparent = observed.traceparent
    message.scorer = observed.scorer
    for item in observed.metrics:
        entry = message.metrics.add()
        entry.metric = item.metric
        set_duration(entry.latency, item.latency)
        if item.cost_usd is not None:
            entry.cost_usd = item.cost_usd


def _write_score(message: score_pb2.Score, score: Score) -> None:
    message.metric = score.metric
    message.version = score.version
    if isinstance(score.outcome, Absence):
        _write_absence(message.absence, score.outcome)
    else:
        message.value = score.outcome
    if score.raw_value is not None:
        message.raw_value = score.raw_value
    if score.interval is not None:
        _write_interval(message.interval, score.interval)
    if score.uncertainty is not None:
        message.uncertainty = score.uncertainty
    _write_strength(message.strength, score.strength)
    for item in score.evidence:
        _write_evidence(message.evidence.add(), item)
    message.provenance_hash = score.provenance_hash
    if score.provenance:
        message.provenance.update(score.provenance)
    if score.flags:
        message.flags.extend(score.flags)
    if score.claim_filter is not None:
        _write_claim_filter(message.claim_filter, score.claim_filter)


def _write_claim_filter(message: score_pb2.ClaimFilter, claims: ClaimFilter) -> None:
    message.filter_id = claims.filter_id
    if isinstance(claims.outcome, Absence):
        _write_absence(message.absence, claims.outcome)
    else:
        write_claim_promise(message.promise, claims.outcome)
    for claim in claims.claims:
        entry = message.claims.add()
        entry.start, entry.end = claim.start, claim.end
        entry.score = claim.score
        entry.kept = claim.kept


def _write_absence(message: common_pb2.Absence, absence: Absence) -> None:
    message.reason = ABSENCE_REASON.numbers[absence.reason]  # type: ignore[assignment] # a number is one
    message.detail = absence.detail


def _write_interval(message: common_pb2.Interval, interval: Interval) -> None:
    message.lower = interval.lower
    message.upper = interval.upper
    message.level = interval.level
    message.kind = INTERVAL_KIND.numbers[interval.kind]  # type: ignore[assignment] # a number is one


def _write_strength(message: score_pb2.Strength, strength: Strength | Unmeasured) -> None:
    if isinstance(strength, Unmeasured):
        message.unmeasured = strength.why
        return
    measured = message.measured
    measured.auroc = strength.auroc
    _write_interval(measured.interval, strength.interval)
    measured.labels = strength.labels
    measured.dataset = strength.dataset
    measured.task_kind = TASK_KIND.numbers[strength.task_kind]  # type: ignore[assignment] # as above
    measured.language = strength.language
    measured.model = strength.model


def _write_evidence(message: score_pb2.Evidence, evidence: Evidence) -> None:
    message.kind = evidence.kind
    message.ref = evidence.ref
    if evidence.start is not None:
        message.start = evidence.start
    if evidence.end is not None:
        message.end = evidence.end
    message.text = evidence.text


def _write_confidence(message: score_pb2.Confidence, confidence: Confidence) -> None:
    outcome = confidence.outcome
    if isinstance(outcome, Estimate):
        _write_estimate(message.value, outcome)
    else:
        _write_absence(message.absence, outcome)
    message.status = CONFIDENCE_STATUS.numbers[confidence.status]  # type: ignore[assignment] # as above
    message.calibration_id = confidence.calibration_id
    message.labels = confidence.labels
    message.weakest_metric = confidence.weakest_metric
    message.basis = confidence.basis
    if confidence.unlearned is not None:
        _write_estimate(message.unlearned, confidence.unlearned)
    for promise in confidence.promises:
        message.promises.add(error_rate=promise.error_rate, certificate=promise.certificate)


def _write_estimate(message: score_pb2.ConfidenceValue, estimate: Estimate) -> None:
    message.point = estimate.point
    _write_interval(message.interval, estimate.interval)


def _write_decision(message: score_pb2.Decision, decision: Decision) -> None:
    message.policy = decision.policy
    message.verdict = VERDICT.numbers[decision.verdict]  # type: ignore[assignment] # a number is one
    message.condition = decision.condition
    message.certificate = decision.certificate

"""Scored results as plain values for JSON."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.domain.claims import ClaimFilter
from plimsoll.domain.confidence import Confidence, Estimate
from plimsoll.domain.learned import CertificateState
from plimsoll.domain.score import Interval, Score, Strength
from plimsoll.domain.scored import ScoredResult


def scored_json(
    scored: ScoredResult, certificates: Mapping[str, CertificateState] | None = None
) -> dict[str, object]:
    """What a scored result says; numbers that are not there are not there.

    `certificates` says how those stand that it names, where somebody was asked.
    """
    found: dict[str, object] = {
        "result_id": scored.key.result_id,
        "tenant": scored.key.tenant,
        "score_id": scored.score_id,
        "revision": scored.revision,
        "task_kind": scored.task_kind.value,
        "model": scored.gen_ai.request_model,
        "confidence": _confidence(scored.confidence, certificates or {}),
        "scores": [_score(score, certificates or {}) for score in scored.scores],
        "complete": scored.complete,
        "input_digest": scored.input_digest,
        "content_digest": scored.content_digest,
        "plan_version": scored.plan_version,
    }
    decision = scored.decision
    if decision is not None:
        rests_on = {"certificate": decision.certificate} if decision.certificate else {}
        found["decision"] = {
            "policy": decision.policy,
            "verdict": decision.verdict.value,
            "condition": decision.condition,
            **rests_on,
        }
    return found


def _confidence(
    confidence: Confidence, certificates: Mapping[str, CertificateState]
) -> dict[str, object]:
    found: dict[str, object] = {
        "status": confidence.status.value,
        "calibration_id": confidence.calibration_id,
        "labels": confidence.labels,
    }
    estimate = confidence.estimate
    if estimate is not None:
        found |= _estimate(estimate)
    else:
        found["absence"] = _absence(confidence.outcome)
    if confidence.weakest_metric:
        found["weakest_metric"] = confidence.weakest_metric
    if confidence.basis:
        found["basis"] = confidence.basis
    if confidence.unlearned is not None:
        found["unlearned"] = _estimate(confidence.unlearned)
    if confidence.promises:
        found["promises"] = [
            {"error_rate": promise.error_rate, "certificate": promise.certificate}
            | _state(certificates.get(promise.certificate))
            for promise in confidence.promises
        ]
    return found


def _estimate(estimate: Estimate) -> dict[str, object]:
    return {"point": estimate.point, "interval": _interval(estimate.interval)}


def _state(state: CertificateState | None) -> dict[str, object]:
    return {} if state is None else {"state": state.value}


def _score(score: Score, certificates: Mapping[str, CertificateState]) -> dict[str, object]:
    found: dict[str, object] = {"metric": score.metric, "version": score.version}
    if score.absence is not None:
        found["absence"] = _absence(score.absence)
    else:
        found["value"] = score.value
    if score.raw_value is not None:
        found["raw_value"] = score.raw_value
    if score.interval is not None:
        found["interval"] = _interval(score.interval)
    if isinstance(score.strength, Strength):
        found["strength"] = _strength(score.strength)
    if score.flags:
        found["flags"] = list(score.flags)
    if score.claim_filter is not None:
        found["claim_filter"] = _claim_filter(score.claim_filter, certificates)
    return found


def _strength(strength: Strength) -> dict[str, object]:
    return {
        "auroc": strength.auroc,
        "interval": _interval(strength.interval),
        "labels": strength.labels,
        "dataset": strength.dataset,
    }


def _claim_filter(
    claims: ClaimFilter, certificates: Mapping[str, CertificateState]
) -> dict[str, object]:
    found: dict[str, object] = {"filter_id": claims.filter_id}
    promise = claims.promise
    if promise is None:
        return found | {"absence": _absence(claims.outcome)}
    found["promise"] = {
        "guarantee": promise.guarantee.value,
        "error_rate": promise.error_rate,
        "labels": promise.labels,
        "threshold": promise.threshold,
        "certificate": promise.certificate,
    } | _state(certificates.get(promise.certificate))
    found["claims"] = [
        {"start": one.start, "end": one.end, "score": one.score, "kept": one.kept}
        for one in claims.claims
    ]
    return found


def _interval(interval: Interval) -> dict[str, object]:
    return {
        "lower": interval.lower,
        "upper": interval.upper,
        "level": interval.level,
        "kind": interval.kind.value,
    }


def _absence(outcome: object) -> dict[str, str]:
    reason, detail = getattr(outcome, "reason", None), getattr(outcome, "detail", "")
    return {"reason": reason.value if reason is not None else "unspecified", "detail": detail}

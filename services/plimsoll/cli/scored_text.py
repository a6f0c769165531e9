"""One scored result as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Console

from plimsoll.cli.rendering import (
    estimate_text,
    interval_text,
    plain,
    promise_text,
    stands_text,
    weakest_text,
)
from plimsoll.cli.terminal import table
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.claims import ClaimFilter, ClaimGuarantee, ClaimPromise
from plimsoll.domain.learned import CertificateState
from plimsoll.domain.score import Score, Strength
from plimsoll.domain.scored import ScoredResult

_DETAIL_CHARS = 120
_DATASET_CHARS = 24


def print_scored(
    scored: ScoredResult,
    console: Console,
    certificates: Mapping[str, CertificateState] | None = None,
) -> None:
    """The confidence first, then what has a number, then what has none, by the reason why.

    `certificates` says how those stand that the event names, where somebody was asked.
    """
    for line in _heading(scored, certificates or {}):
        console.print(line, markup=False)
    rows = table("metric", "value>", "AUROC on labels")
    for score in scored.scores:
        if score.value is not None:
            rows.add_row(score.metric, f"{score.value:.3f}", _strength(score))
    console.print(rows)
    for score in scored.scores:
        if score.claim_filter is not None:
            said = _claims(score.claim_filter, certificates or {})
            console.print(said, markup=False, highlight=False)
    for line in _absences(scored):
        console.print(line, markup=False, highlight=False)


def _claims(claims: ClaimFilter, certificates: Mapping[str, CertificateState]) -> str:
    """How many are kept, by which promise, and where they stand; or why nothing is promised."""
    promise = claims.outcome
    if isinstance(promise, Absence):
        detail = plain(promise.detail, _DETAIL_CHARS) or "no more is known"
        return f"no promise about claims ({claims.filter_id}): {promise.reason.value}, {detail}"
    kept = [f"{claim.start}-{claim.end}" for claim in claims.kept]
    places = f", at {', '.join(kept)}" if kept else ""
    return (
        f"claims kept {len(kept)} of {len(claims.claims)}{places}: {_promised(promise)}, by "
        f"{promise.labels} labelled responses ({claims.filter_id})"
        f"{stands_text(certificates.get(promise.certificate))}"
    )


def _promised(promise: ClaimPromise) -> str:
    if promise.guarantee is ClaimGuarantee.FALSE_SHARE:
        return f"kept and false are {promise.error_rate:g} of a response's on average, or fewer"
    return f"all of them are true in {1 - promise.error_rate:g} of responses or more"


def _absences(scored: ScoredResult) -> Iterator[str]:
    """One paragraph a reason, those that widen the interval first."""
    by_reason: dict[AbsenceReason, dict[str, list[str]]] = {}
    for score in scored.scores:
        if score.absence is not None:
            details = by_reason.setdefault(score.absence.reason, {})
            details.setdefault(plain(score.absence.detail, _DETAIL_CHARS), []).append(score.metric)
    for reason, details in sorted(by_reason.items(), key=lambda one: not one[0].widens):
        count = sum(len(metrics) for metrics in details.values())
        widens = "" if reason.widens else ", which does not widen the interval"
        yield f"\n{reason.value}: {count} of {len(scored.scores)} metrics{widens}"
        for detail, metrics in details.items():
            yield f"  {detail or 'no more is known'}: {', '.join(metrics)}"


def _heading(scored: ScoredResult, certificates: Mapping[str, CertificateState]) -> Iterator[str]:
    confidence = scored.confidence
    yield f"{scored.key}  confidence {interval_text(confidence)}"
    level = f", level {confidence.estimate.interval.level:g}" if confidence.estimate else ""
    yield (
        f"status {confidence.status.value} ({confidence.calibration_id}, {confidence.labels} "
        f"labels{level})"
    )
    if confidence.unlearned is not None:
        yield f"before labels {estimate_text(confidence.unlearned)}"
    for promise in confidence.promises:
        yield promise_text(promise, certificates.get(promise.certificate))
    if weakest := weakest_text(scored):
        yield f"weakest part {weakest}"
    if scored.decision is not None:
        decision = scored.decision
        said = f"{decision.policy}: {decision.condition}"
        if decision.certificate:
            now = stands_text(certificates.get(decision.certificate))
            said += f", resting on {decision.certificate}{now}"
        yield f"verdict {decision.verdict.value} by {said}"
    if not scored.complete:
        yield "not complete: some metrics were held back; a later revision replaces this one"
    yield f"score {scored.score_id}, revision {scored.revision}, {scored.task_kind.value}"


def _strength(score: Score) -> str:
    strength = score.strength
    if isinstance(strength, Strength):
        bounds = f"[{strength.interval.lower:.2f}, {strength.interval.upper:.2f}]"
        dataset = plain(strength.dataset, _DATASET_CHARS)
        return f"{strength.auroc:.2f} {bounds}, {strength.labels} labels of {dataset}"
    return f"unmeasured: {strength.why}"

"""What was learned and is promised, as people and as programs read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from rich.console import Console

from plimsoll.calibration.learning.standing import standing
from plimsoll.cli.claim_promises_text import claims_json, claims_lines
from plimsoll.cli.promises import latest
from plimsoll.cli.promises_lacking import (
    NOTHING,
    calibration_lack,
    calibration_text,
    promise_lacks,
    promise_texts,
)
from plimsoll.cli.rendering import plain
from plimsoll.cli.terminal import table
from plimsoll.domain.learned import Certificate, CertificateState, LearnedScope, Withdrawal

_SCOPE_CHARS = 120


def print_learned(
    scopes: Sequence[LearnedScope], now: datetime, console: Console, rates: Sequence[float]
) -> None:
    """Each scope with its calibration, and below it the last certificate of each error rate.

    `rates` are those that are to be promised: what one lacks is said.
    """
    if not scopes:
        console.print(NOTHING, markup=False)
    for learned in scopes:
        if learned.claims is None:
            _print_results(learned, now, console, rates)
        else:
            for line in claims_lines(learned, learned.claims):
                console.print(line, markup=False)


def _print_results(
    learned: LearnedScope, now: datetime, console: Console, rates: Sequence[float]
) -> None:
    console.print(_heading(learned, now), markup=False)
    if learned.withdrawn is not None:
        console.print(_withdrawn_text(learned.withdrawn), markup=False)
    for lacking in promise_texts(promise_lacks(learned, now, rates)):
        console.print(lacking, markup=False)
    rows = table("certificate", "error rate>", "from point>", "wrong>", "covers>", "state")
    for one in latest(learned):
        rows.add_row(
            one.certificate_id,
            f"{one.error_rate:g}",
            f"{one.threshold:g}",
            f"{one.errors} of {one.labels}",
            f"{one.coverage:.0%}",
            _state(one, now),
        )
    if rows.row_count:
        console.print(rows)
    # Below the table: a sentence in its last column would be folded word by word.
    for one in latest(learned):
        if one.revoke_reason:
            console.print(f"{one.certificate_id}: {_reason(one)}", markup=False)


def learned_json(learned: LearnedScope, now: datetime, rates: Sequence[float]) -> dict[str, object]:
    """A scope with all of its certificates, and what it lacks of `rates` to be promised.

    Or a promise about claims.
    """
    if learned.claims is not None:
        return claims_json(learned, learned.claims)
    fitted, stands = learned.calibration, standing(learned, now)
    found: dict[str, object] = {
        "tenant": learned.key.tenant,
        "task_kind": learned.key.task_kind.value,
        "basis": learned.key.basis,
        "labels": learned.labels,
        "right": learned.right,
        "update_time": learned.update_time.isoformat(),
    }
    if stands is not None:
        # What scores are told by; that of the fit alone says nothing of certificates.
        found["calibration_id"] = stands.calibration_id
    if fitted is not None:
        found["calibration"] = {
            "calibration_id": fitted.calibration_id,
            "labels": fitted.labels,
            "right": fitted.right,
            "intercept": fitted.intercept,
            "slope": fitted.slope,
            "intercept_variance": fitted.intercept_variance,
            "covariance": fitted.covariance,
            "slope_variance": fitted.slope_variance,
            "fit_time": fitted.fit_time.isoformat(),
        }
    if learned.withdrawn is not None:
        found["withdrawn"] = _withdrawn(learned.withdrawn)
    found["certificates"] = [_certificate(one, now) for one in learned.certificates]
    lack = calibration_lack(learned)
    found["lacking"] = {
        "calibration": None if lack is None else asdict(lack),
        "promises": [asdict(one) for one in promise_lacks(learned, now, rates)],
    }
    return found


def _withdrawn(one: Withdrawal) -> dict[str, object]:
    return {
        "calibration_id": one.calibration_id,
        "labels": one.labels,
        "fit_time": one.fit_time.isoformat(),
        "withdraw_time": one.withdraw_time.isoformat(),
        "why": one.reason,
    }


def _certificate(one: Certificate, now: datetime) -> dict[str, object]:
    found: dict[str, object] = {
        "certificate": one.certificate_id,
        "state": one.state(now).value,
        "error_rate": one.error_rate,
        "failure": one.failure,
        "threshold": one.threshold,
        "labels": one.labels,
        "errors": one.errors,
        "bound": one.bound,
        "coverage": one.coverage,
        "issue_time": one.issue_time.isoformat(),
        "valid_until": one.valid_until.isoformat(),
    }
    if one.revoke_time is not None:
        found |= {"revoke_time": one.revoke_time.isoformat(), "why": one.revoke_reason}
    return found


def _heading(learned: LearnedScope, now: datetime) -> str:
    fitted, stands = learned.calibration, standing(learned, now)
    lack = calibration_lack(learned)
    said = "" if lack is None else calibration_text(lack)
    if fitted is not None:
        said = f"calibrated on {fitted.labels} of them on {fitted.fit_time:%Y-%m-%d}"
    if stands is not None:
        said += f" ({stands.calibration_id})"
    scope = plain(str(learned.key), _SCOPE_CHARS)
    return f"{scope}: {learned.labels} labelled results, {learned.right} right; {said}"


def _withdrawn_text(one: Withdrawal) -> str:
    return (
        f"a calibration on {one.labels} labels, fitted on {one.fit_time:%Y-%m-%d}, was withdrawn "
        f"{one.withdraw_time:%Y-%m-%d %H:%M}: {plain(one.reason, _SCOPE_CHARS)} "
        "(only later labels count)"
    )


def _state(one: Certificate, now: datetime) -> str:
    state = one.state(now)
    if state is CertificateState.REVOKED:
        when = "" if one.revoke_time is None else f" {one.revoke_time:%Y-%m-%d %H:%M}"
        return f"revoked{when}"
    return f"{state.value} until {one.valid_until:%Y-%m-%d}" if _stands(state) else state.value


def _reason(one: Certificate) -> str:
    return plain(one.revoke_reason, _SCOPE_CHARS)


def _stands(state: CertificateState) -> bool:
    return state is CertificateState.STANDING

"""What was learned and is promised, as people and as programs read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console

from plimsoll.calibration.learning.standing import standing
from plimsoll.cli.promises import latest
from plimsoll.cli.promises_lacking import NOTHING, no_calibration, no_promises
from plimsoll.cli.rendering import plain
from plimsoll.cli.terminal import table
from plimsoll.domain.learned import Certificate, CertificateState, LearnedScope

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
        console.print(_heading(learned, now), markup=False)
        states = [one.state(now) for one in latest(learned)]
        for lacking in no_promises(learned, states, rates):
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


def learned_json(learned: LearnedScope, now: datetime) -> dict[str, object]:
    """A scope with all of its certificates."""
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
            "fit_time": fitted.fit_time.isoformat(),
        }
    found["certificates"] = [_certificate(one, now) for one in learned.certificates]
    return found


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
    said = (
        no_calibration(learned)
        if fitted is None
        else f"calibrated on {fitted.labels} of them on {fitted.fit_time:%Y-%m-%d}"
    )
    if stands is not None:
        said += f" ({stands.calibration_id})"
    scope = plain(str(learned.key), _SCOPE_CHARS)
    return f"{scope}: {learned.labels} labelled results, {learned.right} right; {said}"


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

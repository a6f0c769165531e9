"""What `plimsoll doctor` says of what was learned from labels."""

from __future__ import annotations

from datetime import UTC, datetime

from plimsoll.cli.findings import Finding, Health, one_line
from plimsoll.cli.promises import broken, broken_claims, latest, read_learned
from plimsoll.domain.errors import PlimsollError
from plimsoll.domain.learned import CertificateState
from plimsoll.settings.model import Settings

_CHECK = "promises"


async def promises_state(settings: Settings) -> Finding:
    """How many promises stand, and whether one was broken."""
    try:
        scopes = await read_learned(settings)
    except PlimsollError as error:
        remedy = "scorers and look-ups need to read it; elsewhere this does not matter"
        return Finding(_CHECK, Health.NOTE, one_line(error), remedy)
    if not scopes:
        said = "none: no labels of an audit yet, confidences are the prior's"
        return Finding(_CHECK, Health.OK, said)
    now = datetime.now(UTC)
    states = [one.state(now) for learned in scopes for one in latest(learned)]
    states += [learned.claims.state for learned in scopes if learned.claims is not None]
    results = [learned for learned in scopes if learned.claims is None]
    calibrated = sum(learned.calibration is not None for learned in results)
    said = (
        f"{states.count(CertificateState.STANDING)} stand; {calibrated} of {len(results)} scopes "
        "are calibrated"
    )
    withdrawn = sum(one.withdrawn is not None and one.calibration is None for one in scopes)
    if withdrawn:
        said = f"{said}, {withdrawn} no more since results drifted away"
    gone = [*broken(scopes, now), *broken_claims(scopes)]
    if gone:
        remedy = "`plimsoll promises` says which and why; see docs/operations.md"
        said = f"{said}; {len(gone)} were taken back or have lapsed"
        return Finding(_CHECK, Health.NOTE, said, remedy)
    return Finding(_CHECK, Health.OK, said)

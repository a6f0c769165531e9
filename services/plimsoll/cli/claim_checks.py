"""What `plimsoll doctor` says of claims: whether what labels have taught goes with the model."""

from __future__ import annotations

from plimsoll.calibration.claim_filters import ClaimFilters
from plimsoll.cli.findings import Finding, Health, one_line
from plimsoll.domain.claims import ClaimScoring
from plimsoll.domain.errors import PlimsollError
from plimsoll.metrics.claim_faithfulness import scoring_by
from plimsoll.scorer.tools import ToolSettings, build_tools
from plimsoll.settings.model import Settings

_CHECK = "claims"
_AGAIN = "find, label and learn claims again, or name the model that scored the labelled ones"


def claim_findings(settings: Settings) -> list[Finding]:
    """Nothing where no file is named."""
    if settings.claims.filter_file is None:
        return []
    try:
        wanted = ToolSettings.of(settings)
        model = build_tools(wanted).entailment
    except PlimsollError as error:
        return [Finding(_CHECK, Health.FAILED, one_line(error), "set what is named")]
    if wanted.claims is None or model is None:
        said = "claims.filter_file is set and no model of entailment is: nothing is marked"
        return [Finding(_CHECK, Health.FAILED, said, "name one in models.entailment")]
    return [_fits(wanted.claims, scoring_by(model))]


def _fits(learned: ClaimFilters, here: ClaimScoring) -> Finding:
    if learned.scoring != here:
        said = (
            f"{learned.name} promises nothing here: it was learned of {learned.scoring}, and "
            f"claims are scored by {here}"
        )
        return Finding(_CHECK, Health.FAILED, said, _AGAIN)
    groups = ", ".join(str(group) for group in sorted(learned.thresholds))
    said = f"{learned.name}: {learned.guarantee} at {learned.error_rate:g} for {groups}"
    few = ", ".join(str(group) for group in sorted(learned.labels.keys() - learned.thresholds))
    if not few:
        return Finding(_CHECK, Health.OK, said)
    return Finding(_CHECK, Health.NOTE, f"{said}; too few labels of {few}", "label more of these")

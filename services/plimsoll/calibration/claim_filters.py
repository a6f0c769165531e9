"""Which claims to keep, as labels have taught it: plain JSON, checked when it is read."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from plimsoll.calibration.conformal_claims import (
    ScoredClaim,
    claims_threshold,
    false_share_threshold,
    labels_needed,
)
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.claims import ClaimGroup, ClaimGuarantee, ClaimPromise, ClaimScoring
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.result import TaskKind

SCHEMA = 1
_THRESHOLDS = {
    ClaimGuarantee.ALL_TRUE: claims_threshold,
    ClaimGuarantee.FALSE_SHARE: false_share_threshold,
}


@dataclass(frozen=True, slots=True)
class LabelledResponse:
    """The claims of one response, labelled, and which responses it stands for."""

    group: ClaimGroup
    claims: tuple[ScoredClaim, ...]


@dataclass(frozen=True, slots=True)
class ClaimFilters:
    """A threshold for each task kind and language, with the number of labelled responses.

    A group without an entry in `thresholds` has too few for the error rate; None keeps all claims.
    """

    guarantee: ClaimGuarantee
    error_rate: float
    scoring: ClaimScoring
    labels: Mapping[ClaimGroup, int]
    thresholds: Mapping[ClaimGroup, float | None]

    @property
    def name(self) -> str:
        """A hash of what decides marks."""
        told = json.dumps(self._model(), sort_keys=True, separators=(",", ":"))
        return f"claims-{hashlib.sha256(told.encode()).hexdigest()[:16]}"

    def promise(self, scoring: ClaimScoring, group: ClaimGroup) -> ClaimPromise | Absence:
        """The promise for responses of that group; `abstained` where labels do not bear one.

        They bear none for claims that are scored otherwise, for another task kind or language, and
        where they are fewer than ceil(1 / error_rate) - 1.
        """
        if scoring != self.scoring:
            return _abstained(f"learned of {self.scoring}, and this is {scoring}")
        if group not in self.labels:
            return _abstained(f"no labelled responses of {group}")
        count = self.labels[group]
        if group not in self.thresholds:
            needed = labels_needed(self.error_rate)
            return _abstained(
                f"{count} labelled responses of {group}, {self.error_rate:g} takes {needed}"
            )
        return ClaimPromise(self.guarantee, self.error_rate, count, self.thresholds[group])

    def text(self) -> str:
        """The artefact as it is kept, the same for equal ones."""
        return json.dumps({"schema": SCHEMA, "model": self._model()}, indent=1, sort_keys=True)

    def _model(self) -> dict[str, Any]:
        return {
            "guarantee": self.guarantee.value,
            "error_rate": float(self.error_rate),
            "scoring": asdict(self.scoring),
            "groups": [self._entry(group) for group in sorted(self.labels)],
        }

    def _entry(self, group: ClaimGroup) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "task_kind": group.task_kind.value,
            "language": group.language,
            "labels": self.labels[group],
        }
        if group in self.thresholds:
            entry["threshold"] = self.thresholds[group]
        return entry


def learned(
    responses: Sequence[LabelledResponse],
    scoring: ClaimScoring,
    guarantee: ClaimGuarantee,
    error_rate: float,
) -> ClaimFilters:
    """The filters of labelled responses, in any order.

    ConfigurationError where no task kind and language has enough of them for `error_rate`, which
    is in (0, 1), else ValueError.
    """
    groups = sorted({response.group for response in responses})
    labels: dict[ClaimGroup, int] = {}
    thresholds: dict[ClaimGroup, float | None] = {}
    for group in groups:
        answers = [response.claims for response in responses if response.group == group]
        labels[group] = len(answers)
        found = _THRESHOLDS[guarantee](answers, error_rate)
        if not isinstance(found, Absence):
            thresholds[group] = found if math.isfinite(found) else None
    if not thresholds:
        told = ", ".join(f"{labels[group]} of {group}" for group in groups) or "none"
        raise ConfigurationError(
            f"an error rate of {error_rate:g} takes {labels_needed(error_rate)} labelled responses "
            f"of one task kind and language, and there are {told}"
        )
    return ClaimFilters(guarantee, error_rate, scoring, labels, thresholds)


def parse_claim_filters(text: str) -> ClaimFilters:
    """Reads an artefact; ConfigurationError says what is wrong with it."""
    try:
        return _filters(json.loads(text))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"the filter of claims cannot be read ({type(error).__name__}: {error}); "
            "learn it again from labelled claims"
        ) from error


def _filters(document: Mapping[str, Any]) -> ClaimFilters:
    if document["schema"] != SCHEMA:
        raise ValueError(f"schema {document['schema']}, {SCHEMA} expected")
    model = document["model"]
    guarantee = ClaimGuarantee(model["guarantee"])
    if guarantee not in _THRESHOLDS:
        raise ValueError(f"{guarantee} promises nothing")
    rate = float(model["error_rate"])
    needed = labels_needed(rate)
    labels: dict[ClaimGroup, int] = {}
    thresholds: dict[ClaimGroup, float | None] = {}
    for entry in model["groups"]:
        group = ClaimGroup(TaskKind(entry["task_kind"]), str(entry["language"]))
        if group in labels:
            raise ValueError(f"{group} is listed twice")
        labels[group] = int(entry["labels"])
        if ("threshold" in entry) != (labels[group] >= needed):
            raise ValueError(f"{labels[group]} labels of {group}, {needed} bear a threshold")
        if "threshold" in entry:
            thresholds[group] = _threshold(entry["threshold"])
    scoring = ClaimScoring(
        **{name: str(model["scoring"][name]) for name in ("metric", "version", "model")}
    )
    return ClaimFilters(guarantee, rate, scoring, labels, thresholds)


def _threshold(value: object) -> float | None:
    if value is None:
        return None
    number = float(str(value))
    if not 0.0 <= number <= 1.0:
        raise ValueError(f"a threshold of {value} is not in [0, 1]")
    return number


def _abstained(detail: str) -> Absence:
    return Absence(AbsenceReason.ABSTAINED, detail)

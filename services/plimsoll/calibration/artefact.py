"""A fitted combination as it is kept: plain JSON, checked when it is read."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from plimsoll.calibration.made_on import made_on
from plimsoll.domain.confidence import ConfidenceStatus
from plimsoll.domain.errors import ConfigurationError

SCHEMA = 2
# Stands in every table for task kinds that it does not name.
ANY = "any"


@dataclass(frozen=True, slots=True)
class MetricInput:
    """One metric's part; tables go by task kind, with `any` for those that are not named.

    A value adds the shift (logits) of its place among `knots`, which are logits of values: linear
    between two, that of the nearest outside. Shifts never fall, so neither does the confidence.
    Where the metric is absent, `absence_shifts` stands in (0 is the training mean), and
    `absence_variances` (squared logits) are added where the reason widens. `alone` says whether
    its value is enough for a confidence; that of a check which any response can pass is not.
    """

    metric: str
    version: str
    alone: bool
    knots: tuple[float, ...]
    shifts: Mapping[str, tuple[float, ...]]
    absence_shifts: Mapping[str, float]
    absence_variances: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Artefact:
    """A combination: intercepts and variances by task kind, in logits, and a part per metric.

    `caps` maps a finish reason to the highest point that a response which ended so may get.
    `made_on` is None where the artefact does not say; no number depends on it.
    """

    calibration_id: str
    status: ConfidenceStatus
    labels: int
    level: float
    intercepts: Mapping[str, float]
    base_variances: Mapping[str, float]
    inputs: tuple[MetricInput, ...]
    caps: Mapping[str, float]
    made_on: date | None = None


def parse_artefact(text: str) -> Artefact:
    """Reads an artefact; ConfigurationError says what is wrong with it.

    Its ID is a hash of what decides numbers, so notes beside them may change without a new one.
    """
    try:
        document = json.loads(text)
        return _artefact(_model(document), made_on(document))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"the calibration artefact cannot be read ({type(error).__name__}: {error}); "
            "fit it again or reinstall the package"
        ) from error


def _model(document: Mapping[str, Any]) -> Mapping[str, Any]:
    if document["schema"] != SCHEMA:
        raise ValueError(f"schema {document['schema']}, {SCHEMA} expected")
    model: Mapping[str, Any] = document["model"]
    return model


def _artefact(model: Mapping[str, Any], made: date | None) -> Artefact:
    canonical = json.dumps(model, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()[:16]
    status = ConfidenceStatus(model["status"])
    return Artefact(
        calibration_id=f"{status}-{digest}",
        status=status,
        labels=int(model["labels"]),
        level=float(model["level"]),
        intercepts=_table(model["intercepts"]),
        base_variances=_table(model["base_variances"], above=0.0),
        inputs=tuple(_input(item) for item in model["inputs"]),
        caps={str(reason): float(cap) for reason, cap in model["caps"].items()},
        made_on=made,
    )


def _input(item: Mapping[str, Any]) -> MetricInput:
    knots = tuple(float(knot) for knot in item["knots"])
    if len(knots) < 2 or not all(low < high for low, high in pairwise(knots)):
        raise ValueError(f"knots of {item['metric']} do not rise")
    if not all(math.isfinite(knot) for knot in knots):
        raise ValueError(f"a knot of {item['metric']} is not finite")
    shifts = {str(kind): tuple(map(float, row)) for kind, row in item["shifts"].items()}
    if ANY not in shifts:
        raise ValueError(f"shifts of {item['metric']} do not name {ANY!r}")
    for row in shifts.values():
        if len(row) != len(knots) or not all(low <= high for low, high in pairwise(row)):
            raise ValueError(f"shifts of {item['metric']} fall, or are not one a knot")
    return MetricInput(
        metric=str(item["metric"]),
        version=str(item["version"]),
        alone=item["alone"] is True,
        knots=knots,
        shifts=shifts,
        absence_shifts=_table(item["absence_shifts"]),
        absence_variances=_table(item["absence_variances"], above=0.0),
    )


def _table(item: Mapping[str, Any], above: float | None = None) -> Mapping[str, float]:
    table = {str(kind): float(value) for kind, value in item.items()}
    if ANY not in table:
        raise ValueError(f"a table names {sorted(table)} but not {ANY!r}")
    if above is not None and min(table.values()) <= above:
        raise ValueError(f"a variance is not above {above}")
    return table

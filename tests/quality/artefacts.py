"""A fit in the form of an artefact, which the combination reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.artefact import ANY, SCHEMA
from tests.quality.fitting import Fit, Table, positions

Floats = NDArray[np.float64]
MIN_ABSENCE_VARIANCE = 0.02


def artefact_text(found: Fit, table: Table, base_variance: float = 1.0) -> str:
    """A whole artefact of one fit, for figures; every metric counts as of version 1."""
    versions = dict.fromkeys(table.metrics, "1")
    model = {
        "status": "prior",
        "labels": len(table.labels),
        "level": 0.9,
        "intercepts": by_kind(found, found.intercepts + found.presence.sum(axis=1)),
        "base_variances": {ANY: base_variance},
        "inputs": fitted_inputs(found, table, versions),
        "caps": {},
    }
    return json.dumps({"schema": SCHEMA, "model": model})


def fitted_inputs(found: Fit, table: Table, versions: Mapping[str, str]) -> list[dict[str, Any]]:
    """The parts of the metrics whose maps come from labels."""
    missing = absence_variances(found, table)
    moved = absence_shifts(found, table)
    return [
        {
            "metric": metric,
            "version": versions[metric],
            "alone": table.alone[place],
            "knots": [round(float(knot), 4) for knot in found.knots[place]],
            "shifts": {
                kind: [round(float(shift), 4) for shift in found.shifts[row][place]]
                for row, kind in enumerate((ANY, *found.kinds))
            },
            "absence_shifts": by_kind(found, moved[:, place]),
            "absence_variances": by_kind(found, missing[:, place]),
        }
        for place, metric in enumerate(table.metrics)
    ]


def by_kind(found: Fit, values: Floats) -> dict[str, float]:
    """A table of the artefact: `any` first, then each kind."""
    return {
        kind: round(float(value), 4)
        for kind, value in zip((ANY, *found.kinds), values, strict=True)
    }


def absence_shifts(found: Fit, table: Table) -> Floats:
    """What the absence of each metric takes away again; shape (1 + kinds, metrics).

    A fit says what an input adds by being there; its metrics share it evenly.
    """
    shifts = np.zeros((len(found.kinds) + 1, len(table.metrics)))
    for place, needs in enumerate(table.inputs):
        alike = np.array([of == needs for of in table.needs])
        shifts[:, alike] = -found.presence[:, [place]] / alike.sum()
    return shifts


def absence_variances(found: Fit, table: Table) -> Floats:
    """What the absence of each metric leaves unknown; shape (1 + kinds, metrics).

    Those of the metrics of one input add up to the variance of what they add together, because
    they say much the same and go missing together; none is below a floor.
    """
    variances = np.full((len(found.kinds) + 1, len(table.metrics)), MIN_ABSENCE_VARIANCE)
    at = positions(table.values)
    for row in range(len(found.kinds) + 1):
        added = np.column_stack(
            [
                np.interp(at[:, place], knots, found.shifts[row][place])
                for place, knots in enumerate(found.knots)
            ]
        )
        added = np.where(np.isnan(at), np.nan, added)
        filled = np.nan_to_num(added - np.nanmean(added, axis=0))
        for needs in table.inputs:
            alike = np.array([of == needs for of in table.needs])
            there = ~np.isnan(added[:, alike]).all(axis=1)
            together = filled[there][:, alike].sum(axis=1)
            shares = filled[there][:, alike].T @ together / max(1, there.sum())
            variances[row, alike] = np.maximum(MIN_ABSENCE_VARIANCE, shares)
    return variances

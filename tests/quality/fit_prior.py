"""Fits the prior that ships, and measures the metrics: `python -m tests.quality.fit_prior DATA`.

Writes calibration/prior.json, metrics/strengths.json and tests/quality/prior_sources.txt. Records
that share a question, a document or a function with the shipped sample are not seen.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.artefact import ANY
from plimsoll.calibration.statistics import auroc, brier, ece
from plimsoll.domain.metric import Family
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.registry import registered_metrics
from tests.quality.fitting import CLIPS, DEFAULT_CLIP, Fit, Floats, Table, fit
from tests.quality.public_data import Labelled
from tests.quality.selection import MEASURED_SETS, PRIOR_SETS, outside_sample
from tests.quality.strengths import measured_strengths

PACKAGE = Path(__file__).parents[2] / "services" / "plimsoll"
SOURCES = Path(__file__).with_name("prior_sources.txt")
FOLDS = 5
LEVEL = 0.9
# Nobody has labelled what a failed validator means, so its weight is declared: failing one
# costs 3 logits (from 0.9 to 0.31), passing it gains nothing.
VALIDATOR_CLIP = 0.01
VALIDATOR_COST = 3.0
VALIDATOR_ABSENCE_VARIANCE = 0.5
MIN_ABSENCE_VARIANCE = 0.05
# A response that was cut off or filtered is not the answer that the numbers were fitted on.
CAPPED = (
    "content_filter",
    "content_filtered",
    "guardrail_intervened",
    "length",
    "max_tokens",
    "model_context_window_exceeded",
    "refusal",
    "safety",
)
CAP = 0.5


def table_of(items: Sequence[Labelled]) -> Table:
    """Values of the metrics that may be inputs."""
    metrics = [m for m in registered_metrics() if fitted(m.spec.family)]
    values = [[evaluate(metric, item.result).value for metric in metrics] for item in items]
    return Table(
        metrics=tuple(metric.spec.name for metric in metrics),
        values=np.array(values, dtype=float),
        labels=np.array([item.label for item in items], dtype=float),
        kinds=np.array([str(item.result.task_kind) for item in items]),
        sets=np.array([item.set_name for item in items]),
        groups=np.array([item.group.partition(":")[2] for item in items]),
    )


def fitted(family: Family) -> bool:
    """Whether a family's weights come from labels; a validator's is declared."""
    return family not in {Family.VALIDATOR, Family.BASELINE}


def cross_validated(table: Table) -> Floats:
    """Logits of each record by a fit that saw none of its group."""
    fold = np.array([int(hashlib.sha256(g.encode()).hexdigest(), 16) % FOLDS for g in table.groups])
    logits = np.zeros(len(table.labels))
    for number in range(FOLDS):
        logits[fold == number] = fit(table.rows(fold != number)).logits(table.rows(fold == number))
    return logits


def transfer_variance(table: Table, units: NDArray[np.str_]) -> float:
    """Mean squared shift (logits) that a set needs from a fit that saw nothing of its unit."""
    shifts = []
    for unit in sorted(set(units)):
        model = fit(table.rows(units != unit))
        left_out = table.rows(units == unit)
        for name in sorted(set(left_out.sets)):
            rows = left_out.rows(left_out.sets == name)
            shifts.append(_shift(rows.labels, model.logits(rows)))
    return float(np.mean(np.square(shifts)))


def _shift(labels: Floats, logits: Floats) -> float:
    """The constant that added to logits makes their mean probability the labels' mean."""
    low, high = -10.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        if float((1 / (1 + np.exp(-(logits + middle)))).mean()) < labels.mean():
            low = middle
        else:
            high = middle
    return (low + high) / 2


def model_of(table: Table) -> dict[str, Any]:
    """What decides numbers, in the artefact's form."""
    found = fit(table)
    known = transfer_variance(table, table.sets)
    unknown = max(known, transfer_variance(table, table.kinds))
    return {
        "status": "prior",
        "labels": len(table.labels),
        "level": LEVEL,
        "intercepts": _by_kind(found, found.intercepts),
        "base_variances": {ANY: round(unknown, 4), **dict.fromkeys(found.kinds, round(known, 4))},
        "inputs": [
            *(_fitted_input(found, table, column) for column in range(len(table.metrics))),
            *(_declared_input(m.spec.name, m.spec.version) for m in _validators()),
        ],
        "caps": dict.fromkeys(CAPPED, CAP),
    }


def _by_kind(found: Fit, values: Floats) -> dict[str, float]:
    return {
        kind: round(float(value), 4)
        for kind, value in zip((ANY, *found.kinds), values, strict=True)
    }


def _fitted_input(found: Fit, table: Table, column: int) -> dict[str, Any]:
    metric = table.metrics[column]
    variance = float(np.nanvar(table.features[:, column]))
    missing = np.maximum(MIN_ABSENCE_VARIANCE, found.weights[:, column] ** 2 * variance)
    return {
        "metric": metric,
        "version": next(m.spec.version for m in registered_metrics() if m.spec.name == metric),
        "clip": CLIPS.get(metric, DEFAULT_CLIP),
        "weights": _by_kind(found, found.weights[:, column]),
        "centres": _by_kind(found, found.centres[:, column]),
        "absence_variances": _by_kind(found, missing),
    }


def _validators() -> list[Any]:
    return [m for m in registered_metrics() if m.spec.family is Family.VALIDATOR]


def _declared_input(name: str, version: str) -> dict[str, Any]:
    valid = float(np.log((1 - VALIDATOR_CLIP) / VALIDATOR_CLIP))
    return {
        "metric": name,
        "version": version,
        "clip": VALIDATOR_CLIP,
        # Over the distance from valid to invalid, on the scale of features.
        "weights": {ANY: round(VALIDATOR_COST / (2 * valid), 4)},
        "centres": {ANY: valid},
        "absence_variances": {ANY: VALIDATOR_ABSENCE_VARIANCE},
        "declared": "no labels: failing costs 3 logits, passing gains nothing",
    }


def figures(table: Table) -> dict[str, Any]:
    """Grouped cross-validation: AUROC of each set, and reliability of all."""
    logits = cross_validated(table)
    probabilities = 1 / (1 + np.exp(-logits))
    by_set = {
        str(name): round(auroc(table.labels[rows], logits[rows]), 3)
        for name in sorted(set(table.sets))
        for rows in [table.sets == name]
    }
    return {
        "folds": FOLDS,
        "auroc_by_set": by_set,
        "ece": round(ece(table.labels, probabilities), 3),
        "brier": round(brier(table.labels, probabilities), 3),
        "labels_by_set": {
            str(name): int((table.sets == name).sum()) for name in sorted(set(table.sets))
        },
    }


def main() -> None:
    """Writes the three files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, help="folder of the public labelled data")
    folder = parser.parse_args().data
    items = outside_sample(folder, PRIOR_SETS)
    table = table_of(items)
    lines = "".join(
        f"{source}\n" for source in sorted(frozenset().union(*(i.sources for i in items)))
    )
    SOURCES.write_text(lines, encoding="utf-8")
    document = {
        "schema": 1,
        "version": "1",
        "what": "monotone logistic combination of metrics, fitted by tests/quality/fit_prior.py",
        "data": {
            "language": "en",
            "sets": sorted(PRIOR_SETS),
            "left_out": "whatever shares a question, document or function with the sample",
            "sources_sha256": hashlib.sha256(lines.encode()).hexdigest(),
        },
        "cross_validation": figures(table),
        "model": model_of(table),
    }
    _write(PACKAGE / "calibration" / "prior.json", document)
    strengths = measured_strengths(outside_sample(folder, MEASURED_SETS))
    _write(PACKAGE / "metrics" / "strengths.json", {"schema": 1, "strengths": strengths})
    print(json.dumps(document["cross_validation"], indent=2))


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

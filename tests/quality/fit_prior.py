"""Fits the prior that ships: `python -m tests.quality.fit_prior DATA`.

Writes calibration/prior.json and tests/quality/prior_sources.txt. Records that share a question, a
document or a function with the shipped sample are not seen.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plimsoll.calibration.artefact import ANY
from plimsoll.calibration.statistics import auroc, brier, ece
from plimsoll.domain.metric import Need
from plimsoll.metrics.registry import registered_metrics
from plimsoll.scorer.tools import ToolSettings, build_tools
from plimsoll.settings.model import Settings
from tests.quality.artefacts import by_kind, fitted_inputs
from tests.quality.choosing import OUTER, crossed, out_of_fold
from tests.quality.confbench.costs import adopt_orphans
from tests.quality.confbench.values import default_folder, measure
from tests.quality.fitting import Floats, Form, Table, fit
from tests.quality.selection import PRIOR_SETS, outside_sample
from tests.quality.tables import table_of

PACKAGE = Path(__file__).parents[2] / "services" / "plimsoll"
SOURCES = Path(__file__).with_name("prior_sources.txt")
LEVEL = 0.9
# Forms that may carry over to sets that nobody has labelled. What is absent never moves the point:
# which inputs a public set happens to have says nothing about a stream.
FORMS = (
    Form("straight", shrink=0.01, clip=0.1, gaps=0.5),
    Form("bent", (5, 25, 50, 75, 95), shrink=0.01, gaps=0.5),
    Form("bent, wide clip", (5, 25, 50, 75, 95), shrink=0.01, clip=0.1, gaps=0.5),
)
# Nobody has labelled what a failed validator means, so its weight is declared: failing one
# costs 3 logits (from 0.9 to 0.31), passing it gains nothing.
DECLARED_NEEDS = (Need.JSON_SCHEMA, Need.REGEX, Need.ENUMERATION)
DECLARED_KNOT = 4.5951
VALIDATOR_COST = 3.0
VALIDATOR_ABSENCE_VARIANCE = 0.5
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


def cross_validated(table: Table, form: Form) -> Floats:
    """Logits of each record by a fit that saw none of its group."""
    fits, _ = out_of_fold(table, (form,))
    return crossed(table, fits)


def transferring(table: Table) -> Form:
    """The form that does best on sets that a fit has not seen, each set weighing the same."""

    def loss(form: Form) -> float:
        losses = []
        for name in sorted(set(table.sets.tolist())):
            unseen = table.rows(table.sets == name)
            logits = fit(table.rows(table.sets != name), form).logits(unseen)
            losses.append(float(np.mean(np.logaddexp(0.0, logits) - unseen.labels * logits)))
        return float(np.mean(losses))

    return min(FORMS, key=loss)


def transfer_variance(table: Table, units: NDArray[np.str_], form: Form) -> float:
    """Mean squared shift (logits) that a set needs from a fit that saw nothing of its unit."""
    shifts = []
    for unit in sorted(set(units.tolist())):
        model = fit(table.rows(units != unit), form)
        left_out = table.rows(units == unit)
        for name in sorted(set(left_out.sets.tolist())):
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


def model_of(table: Table, form: Form) -> dict[str, Any]:
    """What decides numbers, in the artefact's form."""
    found = fit(table, form)
    known = transfer_variance(table, table.sets, form)
    unknown = max(known, transfer_variance(table, table.kinds, form))
    versions = {metric.spec.name: metric.spec.version for metric in registered_metrics()}
    return {
        "status": "prior",
        "labels": len(table.labels),
        "level": LEVEL,
        "intercepts": by_kind(found, found.intercepts),
        "base_variances": {ANY: round(unknown, 4), **dict.fromkeys(found.kinds, round(known, 4))},
        "inputs": [*fitted_inputs(found, table, versions), *declared_inputs()],
        "caps": dict.fromkeys(CAPPED, CAP),
    }


def declared_inputs() -> list[dict[str, Any]]:
    """The parts of validators, which nobody has labelled."""
    return [
        {
            "metric": metric.spec.name,
            "version": metric.spec.version,
            "alone": True,
            "knots": [-DECLARED_KNOT, DECLARED_KNOT],
            "shifts": {ANY: [-VALIDATOR_COST, 0.0]},
            "absence_shifts": {ANY: 0.0},
            "absence_variances": {ANY: VALIDATOR_ABSENCE_VARIANCE},
            "declared": "no labels: failing costs 3 logits, passing gains nothing",
        }
        for metric in registered_metrics()
        if set(DECLARED_NEEDS) & set(metric.spec.needs)
    ]


def figures(table: Table, form: Form) -> dict[str, Any]:
    """Grouped cross-validation: AUROC of each set, and reliability of all."""
    logits = cross_validated(table, form)
    probabilities = 1 / (1 + np.exp(-logits))
    names = sorted(set(table.sets.tolist()))
    return {
        "folds": OUTER,
        "form": form.name,
        "auroc_by_set": {
            name: round(auroc(table.labels[rows], logits[rows]), 3)
            for name in names
            for rows in [table.sets == name]
        },
        "ece": round(ece(table.labels, probabilities), 3),
        "brier": round(brier(table.labels, probabilities), 3),
        "labels_by_set": {name: int((table.sets == name).sum()) for name in names},
    }


def main() -> None:
    """Writes the two files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, help="folder of the public labelled data")
    folder = parser.parse_args().data
    adopt_orphans()
    items = outside_sample(folder, PRIOR_SETS)
    tools = build_tools(ToolSettings.of(Settings()))
    metrics = registered_metrics(tools)
    columns = measure(metrics, [item.result for item in items], default_folder(), print, tools)
    table = table_of(
        items,
        [metric.spec for metric in metrics],
        {name: column.values for name, column in columns.items()},
        kinds=[str(item.result.task_kind) for item in items],
        units=[item.set_name for item in items],
    )
    form = transferring(table)
    lines = "".join(
        f"{source}\n" for source in sorted(frozenset().union(*(i.sources for i in items)))
    )
    SOURCES.write_text(lines, encoding="utf-8")
    document = {
        "schema": 2,
        "made_on": datetime.now(UTC).date().isoformat(),
        "version": "2",
        "what": "monotone logistic combination of metrics, fitted by tests/quality/fit_prior.py",
        "data": {
            "language": "en",
            "sets": sorted(PRIOR_SETS),
            "left_out": "whatever shares a question, document or function with the sample",
            "sources_sha256": hashlib.sha256(lines.encode()).hexdigest(),
        },
        "cross_validation": figures(table, form),
        "model": model_of(table, form),
    }
    _write(PACKAGE / "calibration" / "prior.json", document)
    print(json.dumps(document["cross_validation"], indent=2))


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

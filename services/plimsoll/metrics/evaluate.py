"""One metric on one result: its score, whatever happens."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.errors import FatalError
from plimsoll.domain.metric import Measurement, MetricSpec
from plimsoll.domain.quick import quick
from plimsoll.domain.result import LlmResult, Pairs
from plimsoll.domain.score import Score
from plimsoll.metrics.inputs import first_missing
from plimsoll.metrics.strengths import strength_of
from plimsoll.ports.metric import Metric

# Each result has one for each metric.
_score_of = quick(Score)


def evaluate(metric: Metric, result: LlmResult) -> Score:
    """The metric's value with its provenance, or a typed absence; FatalError passes through."""
    spec = metric.spec
    missing = first_missing(spec.needs, result)
    if missing is not None:
        return absent(metric, result, missing)
    try:
        outcome = metric.compute(result)
    except (FatalError, MemoryError):
        raise
    # A metric that breaks its promise costs its own number, never the record. The type's name
    # only: a message may quote the result.
    except Exception as error:  # noqa: BLE001 - one of the three homes of a broad except
        outcome = Absence(AbsenceReason.INTERNAL_ERROR, type(error).__name__)
    return scored(metric, result, outcome)


def scored(metric: Metric, result: LlmResult, outcome: Measurement | Absence) -> Score:
    """The score of what a metric has found, or has not."""
    if isinstance(outcome, Measurement) and not 0.0 <= outcome.value <= 1.0:
        outcome = Absence(AbsenceReason.INTERNAL_ERROR, "value outside [0, 1]")
    if isinstance(outcome, Absence):
        return absent(metric, result, outcome)
    return _score(metric.spec, result, outcome)


def absent(metric: Metric, result: LlmResult, absence: Absence) -> Score:
    """The score of a metric that has no number for this result, and why."""
    spec = metric.spec
    return _score_of(
        metric=spec.name,
        version=spec.version,
        outcome=absence,
        strength=strength_of(spec.name, spec.version, result),
        provenance_hash=provenance_hash(spec.name, spec.version, ()),
    )


@lru_cache(maxsize=4_096)
def provenance_hash(name: str, version: str, provenance: Pairs) -> str:
    """What a number rests on, in 16 hexadecimal digits: metric, version and provenance."""
    # Unit separators, as no name, version or provenance holds one.
    text = "\x1f".join((name, version, *(part for pair in provenance for part in pair)))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _score(spec: MetricSpec, result: LlmResult, measurement: Measurement) -> Score:
    provenance = tuple(sorted(measurement.provenance))
    return _score_of(
        metric=spec.name,
        version=spec.version,
        outcome=measurement.value,
        raw_value=measurement.raw_value,
        interval=measurement.interval,
        uncertainty=measurement.uncertainty,
        strength=strength_of(spec.name, spec.version, result),
        evidence=measurement.evidence,
        provenance_hash=provenance_hash(spec.name, spec.version, provenance),
        provenance=provenance,
        flags=measurement.flags,
    )

"""One metric on one result: its score, whatever happens."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.errors import FatalError
from plimsoll.domain.metric import Cost, Measurement, MetricSpec
from plimsoll.domain.quick import quick
from plimsoll.domain.result import LlmResult, Pairs, TaskKind
from plimsoll.domain.score import Score, Strength, Unmeasured
from plimsoll.domain.shortage import shortage
from plimsoll.metrics.inputs import unmet_needs
from plimsoll.metrics.strengths import MODEL_FACTS, strength_of
from plimsoll.ports.metric import Metric

# Each result has one for each metric.
_score_of = quick(Score)
# Scores of absences that many results share: a few for each metric, task kind and language.
_MISSED: dict[tuple[str, str, int, TaskKind, str], Score] = {}
_MAX_MISSED = 8_192


def evaluate(metric: Metric, result: LlmResult) -> Score:
    """The metric's value with its provenance, or a typed absence; FatalError passes through."""
    spec = metric.spec
    unmet = unmet_needs(result)
    for need in spec.needs:
        if need in unmet:
            return _missing(spec, unmet[need], result)
    try:
        outcome = metric.compute(result)
    except (FatalError, MemoryError):
        raise
    # One of the three homes of a broad except: a metric that breaks its promise costs its own
    # number, never the record. The type's name only: a message may quote the result.
    except Exception as error:
        if (fatal := shortage(error)) is not None:
            raise fatal from error
        outcome = Absence(AbsenceReason.INTERNAL_ERROR, type(error).__name__)
    return scored(metric, result, outcome)


def scored(metric: Metric, result: LlmResult, outcome: Measurement | Absence) -> Score:
    """The score of what a metric has found, or has not."""
    if isinstance(outcome, Absence):
        return absent(metric, result, outcome)
    if not 0.0 <= outcome.value <= 1.0:
        outside = Absence(AbsenceReason.INTERNAL_ERROR, "value outside [0, 1]")
        return absent(metric, result, outside)
    return _score(metric.spec, result, outcome)


def absent(metric: Metric, result: LlmResult, absence: Absence) -> Score:
    """The score of a metric that has no number for this result, and why."""
    spec = metric.spec
    return _without_value(spec, absence, strength_of(spec.name, spec.version, result))


def _missing(spec: MetricSpec, absence: Absence, result: LlmResult) -> Score:
    """The score of what a result lacks, made once: most results lack what others lack too.

    An absence is known by its identity, which hashing would cost more than a score.
    """
    key = (spec.name, spec.version, id(absence), result.task_kind, result.language[:32])
    score = _MISSED.get(key)
    # The score holds the absence, so that its identity goes to no other while it is here.
    if score is None:
        if len(_MISSED) >= _MAX_MISSED:
            _MISSED.clear()
        strength = strength_of(spec.name, spec.version, result)
        score = _MISSED[key] = _without_value(spec, absence, strength)
    return score


def _without_value(spec: MetricSpec, absence: Absence, strength: Strength | Unmeasured) -> Score:
    return _score_of(
        metric=spec.name,
        version=spec.version,
        outcome=absence,
        strength=strength,
        provenance_hash=provenance_hash(spec.name, spec.version, ()),
    )


@lru_cache(maxsize=4_096)
def provenance_hash(name: str, version: str, provenance: Pairs) -> str:
    """What a number rests on, in 16 hexadecimal digits: metric, version and provenance."""
    # Unit separators, as no name, version or provenance holds one.
    text = "\x1f".join((name, version, *(part for pair in provenance for part in pair)))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@lru_cache(maxsize=4_096)
def _rests_on(name: str, version: str, provenance: Pairs) -> tuple[Pairs, str]:
    """A provenance in its order, and its hash."""
    ordered = tuple(sorted(provenance))
    return ordered, provenance_hash(name, version, ordered)


def _score(spec: MetricSpec, result: LlmResult, measurement: Measurement) -> Score:
    provenance, digest = _rests_on(spec.name, spec.version, tuple(measurement.provenance))
    return _score_of(
        metric=spec.name,
        version=spec.version,
        outcome=measurement.value,
        raw_value=measurement.raw_value,
        interval=measurement.interval,
        uncertainty=measurement.uncertainty,
        strength=strength_of(spec.name, spec.version, result, _model_of(spec, provenance)),
        evidence=measurement.evidence,
        provenance_hash=digest,
        provenance=provenance,
        flags=measurement.flags,
        claim_filter=measurement.claim_filter,
    )


def _model_of(spec: MetricSpec, provenance: Pairs) -> str:
    """The model that a number rests on: a figure for one never stands in for another."""
    if spec.cost is not Cost.LOCAL_MODEL:
        return ""
    return next((fact for name, fact in provenance if name in MODEL_FACTS), "")

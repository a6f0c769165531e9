"""The catalogue of metrics as ListMetrics shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plimsoll.adapters.rpc.statuses import invalid
from plimsoll.domain.metric import Cost, Family, MetricSpec
from plimsoll.domain.score import Strength, Unmeasured
from plimsoll.v1 import common_pb2, result_pb2, score_pb2, service_pb2

# The contract knows three words.
_COSTS = {Cost.FREE: "free", Cost.LOCAL_MODEL: "cheap", Cost.PAID: "paid"}

Strengths = Mapping[str, Sequence[Strength | Unmeasured]]


def encode_catalogue(specs: Sequence[MetricSpec], strengths: Strengths, family: str) -> bytes:
    """A ListMetricsResponse, of one family where it is named."""
    families = {one.value for one in Family}
    if family and family not in families:
        raise invalid("family", f"{family[:80]!r} is none of {', '.join(sorted(families))}")
    chosen = [spec for spec in specs if family in {"", spec.family.value}]
    return service_pb2.ListMetricsResponse(
        metrics=[_info(spec, strengths.get(spec.name, ())) for spec in chosen]
    ).SerializeToString()


def _info(spec: MetricSpec, strengths: Sequence[Strength | Unmeasured]) -> service_pb2.MetricInfo:
    return service_pb2.MetricInfo(
        name=spec.name,
        version=spec.version,
        family=spec.family.value,
        summary=spec.summary,
        needs=[need.value for need in spec.needs],
        cost=_COSTS[spec.cost],
        source=spec.source,
        strengths=[_strength(one) for one in strengths],
        baseline=spec.baseline,
    )


def _strength(strength: Strength | Unmeasured) -> score_pb2.Strength:
    if isinstance(strength, Unmeasured):
        return score_pb2.Strength(unmeasured=strength.why)
    interval = strength.interval
    return score_pb2.Strength(
        measured=score_pb2.MeasuredStrength(
            auroc=strength.auroc,
            interval=common_pb2.Interval(
                lower=interval.lower,
                upper=interval.upper,
                level=interval.level,
                kind=common_pb2.IntervalKind.Value(f"INTERVAL_KIND_{interval.kind.name}"),
            ),
            labels=strength.labels,
            dataset=strength.dataset,
            task_kind=result_pb2.TaskKind.Value(f"TASK_KIND_{strength.task_kind.name}"),
            language=strength.language,
            model=strength.model,
        )
    )

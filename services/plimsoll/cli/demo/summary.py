"""A demonstration as one JSON object."""

from __future__ import annotations

from plimsoll.cli.demo.facts import DemoFacts, Quality


def summary(facts: DemoFacts) -> dict[str, object]:
    """The figures that a machine asks for; shares and probabilities are in [0, 1]."""
    funnel = facts.funnel
    return {
        "published": funnel.published,
        "scored": funnel.visible,
        "looked_up": facts.looked_up.count,
        "losses": funnel.losses,
        "doubles": funnel.doubles,
        "dead": funnel.dead,
        "repeated_events": funnel.repeated,
        "observed": facts.observed.counted,
        "absences": dict(facts.absences),
        **({} if facts.quality is None else _trust(facts.quality)),
        "latency_ms": {"p50": round(facts.latency.p50, 1), "p99": round(facts.latency.p99, 1)},
        "latency_ms_before_kill": {
            "p50": round(facts.latency_before.p50, 1),
            "p99": round(facts.latency_before.p99, 1),
        },
        "seconds": round(facts.seconds, 1),
    }


def _trust(quality: Quality) -> dict[str, object]:
    kept = quality.kept
    return {
        "auroc": round(quality.mean_auroc, 4),
        "auroc_by_set": {one.dataset: round(one.auroc, 4) for one in quality.by_set},
        "auroc_length": round(quality.mean_length_auroc, 4),
        "ece": round(quality.ece, 4),
        "errors": round(kept.errors, 4),
        "errors_kept": {str(kept.share): round(kept.errors_kept, 4)},
    }

"""What numbers over samples rest on: how many, drawn by whom, at what temperature."""

from __future__ import annotations

from plimsoll.domain.result import LlmResult, Pairs
from plimsoll.metrics.reading import LOW_SAMPLE, Reading


def sampling_provenance(result: LlmResult, reading: Reading) -> Pairs:
    """The facts of sampling that change a number, by name."""
    alternatives = result.alternatives
    sampled_by = {str(a.sampled_by) for a in alternatives}
    models = {a.model for a in alternatives}
    temperatures = {f"{a.temperature:g}" for a in alternatives if a.temperature is not None}
    facts = {
        "m": str(reading.samples),
        "normal_form": reading.form,
        "sampled_by": _listed(sampled_by),
        "sampler_model": _listed(models),
        "temperature": _listed(temperatures),
    }
    return tuple((name, fact) for name, fact in facts.items() if fact)


def sample_flags(result: LlmResult, reading: Reading) -> tuple[str, ...]:
    """`low_sample` under five samples; `samples_excluded` where some could not be read."""
    low = ("low_sample",) if reading.samples < LOW_SAMPLE else ()
    lost = ("samples_excluded",) if reading.samples < len(result.alternatives) else ()
    return low + lost


def _listed(names: set[str]) -> str:
    return ",".join(sorted(names))[:256]

"""What numbers over samples rest on: how many, drawn by whom, at what temperature."""

from __future__ import annotations

from functools import lru_cache

from plimsoll.domain.result import LlmResult, Pairs, SampledBy

# Fewer alternatives than this give a number that a user should not lean on.
LOW_SAMPLE = 5
# Who drew an alternative, from which model, at what temperature.
_Way = tuple[SampledBy, str, float | None]


def sampling_provenance(result: LlmResult, form: str, samples: int) -> Pairs:
    """The facts of sampling that change a number, by name."""
    # Mostly one and the same way for all samples, and for many results.
    ways = frozenset([(a.sampled_by, a.model, a.temperature) for a in result.alternatives])
    return _facts(ways, form, samples)


@lru_cache(maxsize=1_024)
def _facts(ways: frozenset[_Way], form: str, samples: int) -> Pairs:
    facts = {
        "m": str(samples),
        "normal_form": form,
        "sampled_by": _listed({str(sampled_by) for sampled_by, _, _ in ways}),
        "sampler_model": _listed({model for _, model, _ in ways}),
        # Adding 0 makes one zero of the two that floating-point numbers have.
        "temperature": _listed({f"{t + 0.0:g}" for _, _, t in ways if t is not None}),
    }
    return tuple((name, fact) for name, fact in facts.items() if fact)


def sample_flags(result: LlmResult, samples: int) -> tuple[str, ...]:
    """`low_sample` under five samples; `samples_excluded` where some could not be read."""
    low = ("low_sample",) if samples < LOW_SAMPLE else ()
    lost = ("samples_excluded",) if samples < len(result.alternatives) else ()
    return low + lost


def _listed(names: set[str]) -> str:
    return ",".join(sorted(names))[:256]

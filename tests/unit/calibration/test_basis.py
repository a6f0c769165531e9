"""What a point is made of, by name."""

from __future__ import annotations

from plimsoll.calibration.basis import basis_of

METRICS = [("exact_match_rate", "1"), ("sequence_probability", "2")]


def test_a_basis_follows_prior_metrics_and_versions_and_no_order() -> None:
    """Any other prior, metric or version is another basis; the order of a plan is none."""
    named = basis_of("prior-1", METRICS)
    assert basis_of("prior-1", METRICS[::-1]) == named
    others = {
        named,
        basis_of("prior-2", METRICS),
        basis_of("prior-1", METRICS[:1]),
        basis_of("prior-1", [*METRICS[:1], ("sequence_probability", "3")]),
    }
    assert len(others) == 4


def test_a_basis_follows_what_metrics_have_here() -> None:
    """A sandbox, a model, alternatives that are drawn, in any order; none of them is no news."""
    means = [("sandbox", "on"), ("models.embedding", "small@1")]
    named = basis_of("prior-1", METRICS, means)
    assert basis_of("prior-1", METRICS, means[::-1]) == named
    assert basis_of("prior-1", METRICS, []) == basis_of("prior-1", METRICS)
    others = {named, basis_of("prior-1", METRICS), basis_of("prior-1", METRICS, means[:1])}
    assert len(others) == 3


def test_the_golden_name() -> None:
    """The same in any release, or what was learned would be lost."""
    assert basis_of("prior-1", METRICS) == "cb16d5ca1b6ff3f2"

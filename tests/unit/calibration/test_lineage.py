"""What labels teach of results that were made from others."""

from __future__ import annotations

import random

import pytest

from plimsoll.calibration.lineage import MAX_PAIRS, Pair, learned, parse_conditional
from plimsoll.domain.errors import ConfigurationError


def labelled(count: int, seed: int = 1) -> list[Pair]:
    """Results that are right at six tenths of what their parents leave."""
    chance = random.Random(seed)
    bounds = [round(chance.random(), 3) for _ in range(count)]
    return [(bound, chance.random() < 0.6 * bound) for bound in bounds]


def test_probabilities_follow_the_labels() -> None:
    """A step that is right at 0.6 of what its parents leave is told so, where Frechet says more."""
    conditional = learned(labelled(2_000))
    for bound in (0.2, 0.5, 0.9):
        given = conditional.right_given(bound)
        assert given.point == pytest.approx(0.6 * bound, abs=0.08)
        assert 0.0 <= given.lower <= given.point <= given.upper <= 1.0


def test_few_labels_are_less_sure() -> None:
    """The two probabilities of Venn-Abers lie further apart on 60 labels than on 2,000."""
    few, many = (learned(labelled(count)).right_given(0.5) for count in (60, 2_000))
    assert few.upper - few.lower > many.upper - many.lower > 0.0


def test_the_order_of_labels_does_not_matter() -> None:
    """Shuffled labels make the same artefact, and reading it back gives the same numbers."""
    pairs = labelled(300)
    conditional = learned(pairs)
    assert learned(reversed(pairs)) == conditional
    read = parse_conditional(conditional.text())
    assert read == conditional
    assert read.name == conditional.name
    assert read.right_given(0.7) == conditional.right_given(0.7)


def test_more_labels_than_are_kept_are_thinned_evenly() -> None:
    """Of 9,000 labels 2,000 are kept, from the lowest bound to the highest, and all are counted."""
    pairs = labelled(9_000)
    conditional = learned(pairs)
    assert (len(conditional.pairs), conditional.labels) == (MAX_PAIRS, 9_000)
    share = sum(right for _, right in pairs) / len(pairs)
    kept = sum(right for _, right in conditional.pairs) / MAX_PAIRS
    assert kept == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize("pairs", [labelled(49), [(0.5, True)] * 60, []], ids=["49", "one", "none"])
def test_too_few_labels_are_refused(pairs: list[Pair]) -> None:
    """Below 50 labels, or 10 of the rarer kind, nothing is learned, and the message says so."""
    with pytest.raises(ConfigurationError, match="say too little"):
        learned(pairs)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"schema": 2}',
        '{"schema": 1, "model": {"labels": 1, "pairs": []}}',
        '{"schema": 1, "model": {"labels": 1, "pairs": [[NaN, 1]]}}',
        '{"schema": 1, "model": {"labels": 2, "pairs": [[0.9, 1], [0.1, 0]]}}',
        '{"schema": 1, "model": {"labels": 1, "pairs": [[0.9, 2]]}}',
    ],
)
def test_a_broken_artefact_is_a_configuration_error(text: str) -> None:
    """What is no artefact is refused when it is read, not when a result comes."""
    with pytest.raises(ConfigurationError, match="learn it again"):
        parse_conditional(text)

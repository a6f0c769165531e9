"""What is said of confidences that labels were held against."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from plimsoll.cli.trust import Keeping, Trust
from plimsoll.cli.trust_text import print_trust
from plimsoll.domain.score import Interval, IntervalKind


def interval(lower: float, upper: float) -> Interval:
    """One of a bootstrap."""
    return Interval(lower, upper, 0.9, IntervalKind.BOOTSTRAP)


@pytest.mark.parametrize(("lower", "told"), [(1.0, True), (0.9, False)])
def test_an_interval_without_width_is_told_to_be_no_certainty(lower: float, told: bool) -> None:
    """Redrawn labels that hold no mistake give [1.000, 1.000] however few they are."""
    file = StringIO()
    trust = Trust(
        results=5,
        wrong=2,
        without_confidence=0,
        auroc=1.0,
        auroc_interval=interval(lower, 1.0),
        auroc_length=0.5,
        ece=None,
        null_ece=None,
        bins=(),
        kept=(Keeping(0.8, 0.25, interval(0.0, 0.75)),),
    )
    print_trust(trust, Console(file=file, width=200, color_system=None))
    assert ("without width is no certainty" in file.getvalue()) is told

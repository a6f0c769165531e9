"""What `plimsoll judges canaries` says of a batch to people and to machines."""

from __future__ import annotations

import pytest

from plimsoll.calibration.judges.canary_record import CanaryOutcome, Tolerance
from plimsoll.cli.canaries import _as_json, _Batch, _show
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.canary import CanaryKind
from plimsoll.pipeline.canary_asking import CanaryEnd
from tests.unit.pipeline.test_canaries import STOCK

ALLOWED = Tolerance(0.05, 0.7)
SPENT = Absence(AbsenceReason.BUDGET_EXHAUSTED, "the budget for today is spent")
AWAY = Absence(AbsenceReason.PROVIDER_ERROR, "ClientConnectorError")


def batch(judge: str, *why_not: Absence) -> _Batch:
    """Forty good answers that were judged right, and as many not asked as there are reasons."""
    canary = STOCK[CanaryKind.KNOWN_GOOD][0]
    right = CanaryEnd(canary, True, CanaryOutcome.RIGHT, 0.001)
    left = tuple(CanaryEnd(canary, None, CanaryOutcome.NOT_ASKED, 0.0, why) for why in why_not)
    return _Batch(judge, "correctness", "1", (right,) * 40 + left)


def test_a_spent_budget_is_told_from_a_judge_that_is_away(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each reason with its number and what to do, by judge."""
    found = [batch("one", SPENT, SPENT), batch("other", AWAY)]
    _show(found, ALLOWED)
    told = capsys.readouterr().out
    assert "one, correctness: 2 not asked: budget_exhausted (canaries.budget_* is spent" in told
    assert "other, correctness: 1 not asked: provider_error (the judge could not be" in told
    assert _as_json(found[0], ALLOWED)["not_asked"] == {"budget_exhausted": 2}


def test_no_word_is_broken_in_eighty_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names, heads and intervals stand whole, and a row is a line."""
    monkeypatch.setenv("COLUMNS", "80")
    _show([batch("claude-haiku")], ALLOWED)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines] == ["judge", "claude-haiku", "judge"] + [
        "claude-haiku"
    ] * 3
    assert {"sensitivity", "specificity", "fooled"} <= {line.split()[2] for line in lines}

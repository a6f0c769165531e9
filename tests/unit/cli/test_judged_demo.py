"""The demonstration with judges replays what was recorded, and judges it by other pairs."""

from __future__ import annotations

from plimsoll.adapters.emulator.recorded import hint_for
from plimsoll.calibration.judges.rates import Standing
from plimsoll.calibration.judges.table import parse_table
from plimsoll.cli.demo.judged_sample import JUDGES, PANEL, RUBRIC, TABLE, judge_key, judged_sample
from plimsoll.domain.absence import Absence
from plimsoll.domain.judging import JudgeTraits
from plimsoll.domain.rubric import Panel
from plimsoll.judging.questions import questions
from plimsoll.settings.rubric_files import shipped_rubrics


def test_every_verdict_of_the_demonstration_was_recorded() -> None:
    """Each judge has said which is better of each pair in both orders: nothing is drawn."""
    panel = Panel(PANEL, shipped_rubrics()[RUBRIC], tuple(judge.name for judge in JUDGES))
    for result in judged_sample().results:
        for judge in JUDGES:
            asked = questions(panel, judge.model, JudgeTraits(), result)
            assert not isinstance(asked, Absence)
            for question in asked:
                hint = hint_for(f"{question.call.system}\n{question.call.material}", judge.recorded)
                assert hint is not None
                assert hint.by == judge.recorded
                assert hint.winner


def test_the_sample_has_right_and_wrong() -> None:
    """59 pairs that all three have judged; the first response is the better one of 27."""
    sample = judged_sample()
    assert len(sample.results) == len({label.group for label in sample.labels.values()}) == 59
    assert sum(label.label for label in sample.labels.values()) == 27


def test_the_table_is_of_the_rubric_that_is_asked() -> None:
    """It knows each judge under the rubric as it ships; one of them is no better than a coin."""
    table = parse_table(TABLE.read_text(encoding="utf-8"))
    standings = [table.counts_of(judge_key(judge)).standing for judge in JUDGES]
    assert standings == [Standing.MEASURED, Standing.MEASURED, Standing.UNINFORMATIVE]

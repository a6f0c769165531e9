"""What is known of judges, kept and read, and what a panel's verdicts come to."""

from __future__ import annotations

import json

import numpy as np
import pytest

from plimsoll.calibration.judges.alike import Alike
from plimsoll.calibration.judges.correlation import PRIOR_CORRELATION
from plimsoll.calibration.judges.judgement import judged
from plimsoll.calibration.judges.rates import Audited, Counts, Standing
from plimsoll.calibration.judges.table import (
    ReliabilityTable,
    TaskKey,
    learned,
    parse_table,
)
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.errors import ConfigurationError
from tests.unit.calibration.judges.judges import judge, labelled, said

TASK = TaskKey("en", "task-1")
THROTTLED = Absence(AbsenceReason.THROTTLED)


def table() -> ReliabilityTable:
    """Two measured judges and a coin, with an audit."""
    verdicts = [
        *labelled("a", 90, 10, 30, 70),
        *labelled("b", 80, 20, 20, 80),
        *labelled("coin", 50, 50, 50, 50),
    ]
    return learned(verdicts, {TASK: Audited(70, 30)})


def test_a_table_is_read_as_it_was_written() -> None:
    """Text and back is the same table with the same ID."""
    read = parse_table(table().text())
    assert read == table()
    assert read.reliability_id == table().reliability_id


def test_the_order_of_labels_does_not_matter() -> None:
    """The ID of a table learned backwards is the same."""
    verdicts = [*labelled("a", 9, 1, 3, 7), *labelled("b", 8, 2, 2, 8)]
    assert learned(verdicts).reliability_id == learned(verdicts[::-1]).reliability_id


def test_one_more_label_is_another_table() -> None:
    """The ID is a hash of what decides numbers."""
    more = learned(labelled("a", 9, 1, 3, 8))
    assert more.reliability_id != learned(labelled("a", 9, 1, 3, 7)).reliability_id


@pytest.mark.parametrize(
    ("name", "value"), [("right_passed", -1), ("right_passed", "NaN"), ("language", None)]
)
def test_a_table_that_says_nonsense_is_refused(name: str, value: object) -> None:
    """A negative or nameless count, or a key that is missing, names itself."""
    document = json.loads(table().text())
    if value is None:
        del document["model"]["judges"][0][name]
    else:
        document["model"]["judges"][0][name] = value
    with pytest.raises(ConfigurationError, match=name):
        parse_table(json.dumps(document))


@pytest.mark.parametrize("row", [[0, 0, 0.5], [0, 9, 0.5], [0, 1, 1.5], [-1, 0, 0.5], [0]])
def test_a_correlation_of_nobody_is_refused(row: list[float]) -> None:
    """Pairs are of two judges that are listed, and correlations lie in [-1, 1]."""
    document = json.loads(table().text())
    document["model"]["correlations"] = [row]
    with pytest.raises(ConfigurationError, match="learn it again"):
        parse_table(json.dumps(document))


def test_another_schema_and_a_judge_listed_twice_are_refused() -> None:
    """What this version does not know, and what contradicts itself, is not guessed at."""
    document = json.loads(table().text())
    with pytest.raises(ConfigurationError, match="schema 2"):
        parse_table(json.dumps({**document, "schema": 2}))
    document["model"]["judges"].append(document["model"]["judges"][0])
    with pytest.raises(ConfigurationError, match="twice"):
        parse_table(json.dumps(document))


def test_nothing_is_borrowed_between_languages() -> None:
    """A judge that is measured in English is unmeasured in Italian."""
    assert table().counts_of(judge("a", "it")) == Counts()
    pair = table().correlations_of([judge("a"), judge("a", "it")])
    assert pair[0, 1] == PRIOR_CORRELATION
    assert np.diag(pair) == pytest.approx([1, 1])
    assert table().prevalence_of(TaskKey("it", "task-1")).mean == 0.5


def test_a_panel_is_judged_in_one_piece() -> None:
    """Votes, standing, effective number and P(right) come together, with the table's ID."""
    verdicts = [said("a", 0.9), said("b", 0.8), said("coin", 0.2)]
    found = judged(table(), verdicts, TASK)
    assert found.tally.passed == 2
    assert found.standing is Standing.MEASURED
    assert found.standings[2] is Standing.UNINFORMATIVE
    assert 1 < found.effective_jurors < 3
    assert found.estimate.point > 0.9
    assert found.reliability_id == table().reliability_id


def test_the_order_of_verdicts_does_not_matter() -> None:
    """The same verdicts backwards give the same estimate to the last bit."""
    verdicts = [said("a", 0.9), said("b", 0.2), said("c", THROTTLED)]
    forwards, backwards = (judged(table(), given, TASK) for given in (verdicts, verdicts[::-1]))
    assert forwards.estimate == backwards.estimate


@pytest.mark.parametrize("answer", [0.9, 0.1])
@pytest.mark.parametrize("said_by_a", [0.9, 0.1])
def test_a_missing_juror_widens(said_by_a: float, answer: float) -> None:
    """Whatever it might have said, the interval without it holds the one with it."""
    full = judged(table(), [said("a", said_by_a), said("b", answer)], TASK).estimate.interval
    less = judged(table(), [said("a", said_by_a), said("b", THROTTLED)], TASK).estimate.interval
    assert less.lower <= full.lower < full.upper <= less.upper
    alone = judged(table(), [said("a", said_by_a)], TASK).estimate.interval
    assert less.upper - less.lower > alone.upper - alone.lower


def test_a_panel_that_is_mostly_missing_bounds_nothing() -> None:
    """Of eight measured jurors, seven without a verdict leave all of [0, 1] open."""
    names = [f"m{n}" for n in range(8)]
    many = learned([verdict for name in names for verdict in labelled(name, 9, 1, 3, 7)])
    verdicts = [said(name, THROTTLED if n else 0.9) for n, name in enumerate(names)]
    found = judged(many, verdicts, TASK).estimate.interval
    assert (found.lower, found.upper) == (0.0, 1.0)


def test_items_that_were_judged_alike_are_counted() -> None:
    """Of 100 right and 100 wrong items that a and b judged, 80 and 20 passed with both."""
    assert table().alike({judge("a"): True, judge("b"): True}) == Alike(80, 100, 20, 100)
    assert table().alike({judge("a"): True}) == Alike(90, 100, 30, 100)
    assert table().alike({judge("stranger"): True}) == Alike()


def test_unmeasured_and_uninformative_panels_say_so() -> None:
    """A juror without labels is `unmeasured`; one that is a coin is `judge_uninformative`."""
    unmeasured = judged(table(), [said("stranger", 1.0)], TASK)
    assert unmeasured.standing is Standing.UNMEASURED
    width = unmeasured.estimate.interval.upper - unmeasured.estimate.interval.lower
    assert width > 0.85
    assert judged(table(), [said("coin", 1.0)], TASK).standing is Standing.UNINFORMATIVE
    missing = judged(table(), [said("a", THROTTLED)], TASK)
    assert (missing.standing, missing.tally.answered) == (Standing.UNMEASURED, 0)
    assert missing.effective_jurors == 0


def test_a_panel_has_jurors() -> None:
    """None at all is a mistake of the caller."""
    with pytest.raises(ValueError, match="at least one"):
        judged(table(), [], TASK)

"""Labels are read from tables: rows that say nothing are passed over, and bad ones are named."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.adapters.rpc.answers import LabelReceipt
from plimsoll.adapters.rpc.failures import InvalidRequestError
from plimsoll.calibration.learning.fold import Learning
from plimsoll.calibration.learning.labels import LabelOutcome
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.cli.label_files import LabelRow, Said, read_label_rows
from plimsoll.cli.labelling import send_labels
from plimsoll.cli.lines import BadLine
from plimsoll.domain.errors import ConfigurationError, FatalError
from plimsoll.domain.feedback import Feedback, FeedbackSource
from plimsoll.domain.record import Position
from tests.unit.calibration.learning.values import folded, placed, seen

SAID = Said("human", "ann", "from the file", audit=True)


def rows_of(folder: Path, text: str, said: Said = SAID) -> list[LabelRow | BadLine]:
    """Rows of a file with this text."""
    file = folder / "labels.csv"
    file.write_text(text, encoding="utf-8")
    return list(read_label_rows(file, said))


def labels_of(rows: Sequence[LabelRow | BadLine]) -> list[Feedback]:
    """The labels of rows that have one."""
    return [row.label for row in rows if isinstance(row, LabelRow) and row.label is not None]


def test_a_row_is_a_label_with_what_the_command_says_of_all(tmp_path: Path) -> None:
    """Right and wrong as people write them; keys with and without a tenant; audit for all."""
    found = labels_of(rows_of(tmp_path, "result_id,right\nacme/a,1\nb,no\n"))
    assert [(str(one.key), one.label) for one in found] == [("acme/a", True), ("default/b", False)]
    assert {(one.source, one.rater, one.comment, one.audit) for one in found} == {
        (FeedbackSource.HUMAN, "ann", "from the file", True)
    }


def test_a_row_may_say_more(tmp_path: Path) -> None:
    """Grade, source, rater, comment and what it supersedes are columns; a row's word counts."""
    head = "result_id,tenant,grade,source,rater,comment,supersedes"
    [found] = labels_of(rows_of(tmp_path, f"{head}\na,acme,0.25,execution,ci,ran it,f-1\n"))
    assert (str(found.key), found.label) == ("acme/a", 0.25)
    assert (found.source, found.rater) == (FeedbackSource.EXECUTION, "ci")
    assert (found.comment, found.supersedes) == ("ran it", "f-1")


def test_a_row_that_is_not_filled_in_is_no_label(tmp_path: Path) -> None:
    """What `plimsoll audit` begins may be sent half done."""
    first, second = rows_of(tmp_path, "result_id,right\na,\nb,1\n")
    assert first == LabelRow(2, None)
    assert len(labels_of([second])) == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,perhaps,", "right is 'perhaps'"),
        ("a,,1.5", "grade '1.5' is no number in [0, 1]"),
        ("a,,nan", "grade 'nan' is no number in [0, 1]"),
        ("a,,well", "grade 'well' is no number in [0, 1]"),
        ("a,1,1", "both right and grade"),
        ("a b,1,", "result_id"),
        ("a,1,,2", "more cells"),
    ],
)
def test_a_bad_row_is_named_and_passed_over(tmp_path: Path, row: str, said: str) -> None:
    """What is wrong with one row does not reach the next one."""
    first, second = rows_of(tmp_path, f"result_id,right,grade\n{row}\nb,1,\n")
    assert isinstance(first, BadLine)
    assert first.number == 2
    assert said in first.problem
    assert len(labels_of([second])) == 1


def test_a_source_that_nobody_knows_is_said(tmp_path: Path) -> None:
    """A typing error in a column ends its row only."""
    [found] = rows_of(tmp_path, "result_id,right,source\na,1,humon\n")
    assert isinstance(found, BadLine)
    assert "there is no source humon" in found.problem


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("id,right", "there is no column 'id'"),
        ("result_id;right", "columns must be separated by a comma, and not by ';'"),
        ("result_id\tright", "columns must be separated by a comma, and not by '\\t'"),
        ("result_id,comment", "the columns result_id and right"),
        ("right,grade", "the columns result_id and right"),
    ],
)
def test_a_head_without_what_is_needed_ends_it(tmp_path: Path, head: str, said: str) -> None:
    """Nothing of such a file is sent."""
    with pytest.raises(ConfigurationError, match="column") as found:
        rows_of(tmp_path, f"{head}\na,1\n")
    assert said in str(found.value)


def test_a_file_sent_twice_is_the_same_labels(tmp_path: Path) -> None:
    """A label is named by what it says: by whom, of what, and whether it was drawn."""
    text = "result_id,right\na,1\n"
    [once], [again] = labels_of(rows_of(tmp_path, text)), labels_of(rows_of(tmp_path, text))
    assert once == again
    others = [
        rows_of(tmp_path, "result_id,right\na,0\n"),
        rows_of(tmp_path, "result_id,right\nb,1\n"),
        rows_of(tmp_path, text, Said("human", "bob", "from the file", audit=True)),
        rows_of(tmp_path, text, Said("human", "ann", "from the file")),
    ]
    names = {once.feedback_id, *(one.feedback_id for rows in others for one in labels_of(rows))}
    assert len(names) == 5


def test_a_row_that_was_turned_replaces_what_it_said(tmp_path: Path) -> None:
    """Right after wrong counts as right, wrong after right as wrong, and not as both."""
    for first, then, right in (("1", "0", 0), ("0", "1", 1)):
        rows = [rows_of(tmp_path, f"result_id,right\na,{one}\n") for one in (first, then)]
        shown = [replace(one, seen=seen(0.9)) for row in rows for one in labels_of(row)]
        learning = Learning(LearningRules())
        assert folded(learning, placed(shown)) == [LabelOutcome.TAUGHT, LabelOutcome.CORRECTED]
        [scope] = learning.take_changes()
        assert (scope.labels, scope.right) == (1, right)


def test_a_row_may_be_turned_as_often_as_one_likes(tmp_path: Path) -> None:
    """What was sent last counts, and the same file sent again changes nothing."""
    sent = ["1", "0", "0", "1", "1", "0"]
    outcomes, learning = [], Learning(LearningRules())
    rows = [rows_of(tmp_path, f"result_id,right\na,{one}\n") for one in sent]
    labels = [replace(one, seen=seen(0.9)) for row in rows for one in labels_of(row)]
    for given, at in placed(labels):
        outcomes += [learning.fold(given, at)]
        learning.take_changes()
        [scope] = learning.scopes.values()
        assert (scope.labels, scope.right) == (1, int(given.label is True))
    assert outcomes == [
        LabelOutcome.TAUGHT,
        LabelOutcome.CORRECTED,
        LabelOutcome.DOUBLED,
        LabelOutcome.CORRECTED,
        LabelOutcome.DOUBLED,
        LabelOutcome.CORRECTED,
    ]


def test_a_file_is_at_one_with_itself(tmp_path: Path) -> None:
    """Of two rows that say otherwise of a result the second is bad; other raters are others."""
    head = "result_id,right,rater\n"
    first, second, third = rows_of(tmp_path, f"{head}a,1,ann\na,0,ann\na,0,bob\n")
    assert len(labels_of([first, third])) == 2
    assert second == BadLine(3, "says otherwise of the same result than a row before it")


def test_spreadsheets_and_odd_bytes(tmp_path: Path) -> None:
    """A byte order mark is passed over; what is no UTF-8 is said."""
    file = tmp_path / "labels.csv"
    file.write_bytes(b"\xef\xbb\xbfresult_id,right\r\na,1\r\n")
    assert len(labels_of(list(read_label_rows(file, SAID)))) == 1
    file.write_bytes(b"result_id,right\na,\xff\n")
    with pytest.raises(FatalError, match="is not UTF-8 text"):
        list(read_label_rows(file, SAID))


class Refusing:
    """A service that refuses one result, and remembers the others."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def submit_feedback(self, feedback: Feedback) -> LabelReceipt:
        """Takes it."""
        if feedback.key.result_id == "odd":
            raise InvalidRequestError("feedback.comment: is too long", {})
        self.taken.append(feedback.key.result_id)
        return LabelReceipt(feedback.feedback_id, Position("t", 0, len(self.taken)))


def test_what_the_service_refuses_is_a_bad_row(tmp_path: Path) -> None:
    """Outcomes come in the order of the rows, whatever each of them is."""
    rows = rows_of(tmp_path, "result_id,right\na,1\nodd,1\nc,\nd,0\n")
    service = Refusing()

    async def sent() -> list[LabelReceipt | BadLine | None]:
        return [outcome async for outcome in send_labels(service, rows)]

    found = asyncio.run(sent())
    assert [type(one) for one in found] == [LabelReceipt, BadLine, type(None), LabelReceipt]
    assert found[1] == BadLine(3, "feedback.comment: is too long")
    assert service.taken == ["a", "d"]

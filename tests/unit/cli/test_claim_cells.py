"""Labels of claims as people write them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.calibration.learning.fold import Learning
from plimsoll.calibration.learning.labels import LabelOutcome
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.cli.claim_cells import claims_cell, claims_text, parse_claims
from plimsoll.cli.label_files import LabelRow, Said, read_label_rows
from plimsoll.cli.lines import BadLine
from plimsoll.domain.feedback import ClaimLabel, Feedback
from tests.unit.calibration.learning.claims import seen as seen_claims
from tests.unit.calibration.learning.values import folded, placed, seen

TRUE, FALSE = ClaimLabel(0, 21, True), ClaimLabel(22, 50, False)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("0-21:1 22-50:0", (TRUE, FALSE)),
        ("22-50:no  0-21:Yes", (TRUE, FALSE)),
        ("0-21:true 22-50:?", (TRUE,)),
        ("none", ()),
        ("0-21:? 22-50:?", None),
        ("", None),
    ],
)
def test_labels_are_read_as_people_write_them(
    text: str, labels: tuple[ClaimLabel, ...] | None
) -> None:
    """In any order and with the words of other labels; what is not filled in is no label."""
    assert parse_claims(text) == labels


@pytest.mark.parametrize("text", ["1", "0-21", "0-21:", "21-0:1", "3-3:1", "0-21:perhaps", "a-b:1"])
def test_what_is_no_label_of_a_claim_is_refused(text: str) -> None:
    """Nothing is guessed, and the rest of the row is not sent without it."""
    with pytest.raises(ValueError, match=r"label of a claim|stretch|neither right"):
        parse_claims(f"22-50:0 {text}")


def test_what_is_drawn_is_what_is_filled_in() -> None:
    """The cell of a draw reads as nothing yet; with its marks filled in, as labels."""
    cell = claims_cell([(0, 21), (22, 50)])
    assert (cell, parse_claims(cell)) == ("0-21:? 22-50:?", None)
    assert parse_claims(cell.replace("?", "1", 1).replace("?", "0")) == (TRUE, FALSE)
    assert parse_claims(claims_text((TRUE, FALSE))) == (TRUE, FALSE)
    assert parse_claims(claims_cell([])) == parse_claims(claims_text(())) == ()


def labels(folder: Path, *rows: str) -> list[Feedback]:
    """Of a file with these rows."""
    file = folder / "labels.csv"
    file.write_text("\n".join(["result_id,right,claims", *rows]) + "\n", encoding="utf-8")
    found = list(read_label_rows(file, Said("human", audit=True)))
    assert not any(isinstance(row, BadLine) for row in found)
    return [row.label for row in found if isinstance(row, LabelRow) and row.label is not None]


def test_a_row_has_a_label_of_its_result_or_of_its_claims_or_both(tmp_path: Path) -> None:
    """A row with neither is not filled in yet."""
    found = labels(tmp_path, "a,1,0-21:1 22-50:0", "b,,none", "c,0,0-21:?", "d,,0-21:?")
    assert [(one.key.result_id, one.label, one.claims) for one in found] == [
        ("a", True, (TRUE, FALSE)),
        ("b", None, ()),
        ("c", False, None),
    ]


def test_a_row_of_claims_alone_is_named_by_what_it_says_of_them(tmp_path: Path) -> None:
    """The same row sent again is the same label, and one that says more is another."""
    first, again, whole = labels(tmp_path, "a,,0-21:1", "a,,0-21:1", "a,,0-21:1 22-50:0")
    assert first.feedback_id == again.feedback_id != whole.feedback_id


def test_a_row_is_one_label_of_its_result_whatever_it_says_of_claims(tmp_path: Path) -> None:
    """Named as without any; so a row may be turned while its claims are filled in."""
    names = {one.feedback_id for one in labels(tmp_path, "a,1,0-21:1", "a,1,none", "a,1,")}
    assert names == {"file-894f4b1b11f9fcd56fc962f6c3a539c7"}
    sent = ("a,0,0-9:1", "a,0,0-9:1 10-19:1", "a,1,0-9:1 10-19:0")
    rows = [one for row in sent for one in labels(tmp_path, row)]
    shown = seen_claims([True, True, False])
    given = [replace(one, seen=seen(0.9), seen_claims=shown) for one in rows]
    learning = Learning(LearningRules())
    assert folded(learning, placed(given)) == [
        LabelOutcome.TAUGHT,
        LabelOutcome.DOUBLED,
        LabelOutcome.CORRECTED,
    ]
    of_result, of_claims = sorted(learning.take_changes(), key=lambda one: one.claims is not None)
    assert (of_result.labels, of_result.right) == (1, 1)
    assert (of_claims.labels, of_claims.right) == (1, 1)

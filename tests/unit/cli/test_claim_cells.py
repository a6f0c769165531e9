"""Labels of claims as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.cli.claim_cells import claims_cell, claims_text, parse_claims
from plimsoll.cli.label_files import LabelRow, Said, read_label_rows
from plimsoll.cli.lines import BadLine
from plimsoll.domain.feedback import ClaimLabel, Feedback

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


def test_a_row_that_says_more_of_claims_is_another_label(tmp_path: Path) -> None:
    """So it is learned of when it is whole; the same row sent again is the same label.

    A row without claims has the name that it had before there were any.
    """
    first, again, whole, turned = labels(
        tmp_path, "a,1,0-21:1", "a,1,0-21:1", "a,1,0-21:1 22-50:0", "b,0,22-50:0"
    )
    assert first.feedback_id == again.feedback_id != whole.feedback_id
    [back] = labels(tmp_path, "b,1,22-50:0")
    assert (back.feedback_id, back.supersedes) == (turned.supersedes, turned.feedback_id)
    [plain] = labels(tmp_path, "a,1,")
    assert plain.feedback_id == "file-894f4b1b11f9fcd56fc962f6c3a539c7"

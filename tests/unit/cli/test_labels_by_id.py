"""Labels of results by their IDs, in the forms that people have them in."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.cli.labels import Labels
from plimsoll.cli.labels_by_id import read_labels
from plimsoll.domain.errors import ConfigurationError, FatalError
from plimsoll.domain.identity import ResultKey


def read(folder: Path, text: str) -> dict[str, tuple[int, str]]:
    """What a file with this text says."""
    file = folder / "labels"
    file.write_text(text, encoding="utf-8")
    return read_labels(file)


def test_lines_say_label_and_group(tmp_path: Path) -> None:
    """A line without a label is passed over; without a group a result stands alone."""
    text = (
        '{"result_id": "a", "label": 1, "group": "g"}\n\n{"result_id": "b", "label": 0}\n'
        '{"result_id": "c", "label": null}\n'
    )
    assert read(tmp_path, text) == {"a": (1, "g"), "b": (0, "b")}


def test_a_line_whose_group_is_empty_stands_alone(tmp_path: Path) -> None:
    """As a cell that is empty: else all such results would stand or fall together."""
    text = (
        '{"result_id": "a", "label": 1, "group": null}\n'
        '{"result_id": "b", "label": 0, "group": ""}\n{"result_id": "c", "label": 1, "group": 0}\n'
    )
    assert read(tmp_path, text) == {"a": (1, "a"), "b": (0, "b"), "c": (1, "0")}


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_table_of_an_audit_is_read(tmp_path: Path, mark: str) -> None:
    """With tenants before a slash and rows that nobody has filled in, as spreadsheets save it."""
    text = f"{mark}result_id,right\r\nacme/a,1\r\nb,0\r\nc,\r\n"
    assert read(tmp_path, text) == {"acme/a": (1, "acme/a"), "default/b": (0, "default/b")}


def test_several_labels_of_a_result_count_as_they_do_for_calibrations(tmp_path: Path) -> None:
    """Right where the mean is above one half; what a model says is no label."""
    text = (
        "result_id,right,grade,rater,source\na,1,,ann,\na,0,,bob,\nb,,0.9,ann,\nb,0,,bob,\n"
        "b,1,,cyd,\nc,1,,,llm\n"
    )
    assert {key: label for key, (label, _) in read(tmp_path, text).items()} == {
        "default/a": 0,
        "default/b": 1,
    }


def test_a_table_says_which_tenant_s_result_it_means() -> None:
    """Lines name a result of any tenant; a table's ID alone is one of tenant default."""
    labels = Labels(by_id={"acme/a": (1, "acme/a"), "default/b": (1, "default/b"), "c": (0, "c")})
    acme = [labels.of(ResultKey("acme", name), {}) for name in "abc"]
    assert acme == [(1, "acme/a"), None, (0, "c")]
    assert labels.of(ResultKey("default", "b"), {}) == (1, "default/b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"result_id": "a"}\nnonsense\n', ":2: not a label: a file of labels is JSON lines"),
        ('{"result_id": "a", "label": 7}\n', ":1: not a label: label is '7', neither right"),
        ("result_id,right\na,1\nb,perhaps\n", ":3: not a label: right is 'perhaps'"),
    ],
)
def test_what_is_no_label_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    """The first one ends it: figures on some of the labels would be others."""
    with pytest.raises(FatalError) as found:
        read(tmp_path, text)
    assert said in str(found.value)


@pytest.mark.parametrize(
    "text", ["", "\n", "result_id,right\na,\n", '{"result_id": "a"}\n', "id,correct\na,1\n", "[1]"]
)
def test_a_file_without_labels_is_told_which_form_it_takes(tmp_path: Path, text: str) -> None:
    """Empty, not filled in, or of other columns."""
    with pytest.raises(ConfigurationError, match=r"or a CSV with the columns result_id and right"):
        read(tmp_path, text)

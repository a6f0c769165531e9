"""Results are read from JSON lines and tables, and a bad line is named and passed over."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from threading import Thread

import pytest

from plimsoll.cli.csv_lines import parse_map
from plimsoll.cli.lines import BadLine, Line, read_lines
from plimsoll.domain.errors import ConfigurationError, FatalError
from plimsoll.domain.result import TaskKind

GOOD = '{"resultId": "a", "tenant": "t", "response": {"text": "Paris"}}'


def of(folder: Path, text: str, name: str = "in.jsonl") -> list[Line | BadLine]:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return list(read_lines(file))


def good(line: Line | BadLine) -> Line:
    assert isinstance(line, Line), line
    return line


def test_json_lines_give_results_with_their_numbers(tmp_path: Path) -> None:
    """Blank lines count as lines and hold nothing."""
    found = of(tmp_path, f"{GOOD}\n\n{GOOD}\n")
    assert [good(line).number for line in found] == [1, 3]
    assert str(good(found[0]).result.key) == "t/a"


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("{", "not JSON"),
        ("[]", "not an object"),
        ('{"resultId": "a"}', "response is required"),
        ('{"resultId": "a b", "response": {}}', "result_id"),
        ('{"response": 7}', "response"),
    ],
)
def test_bad_lines_are_named_and_passed_over(tmp_path: Path, bad: str, said: str) -> None:
    """What is wrong with one line does not reach the next one."""
    first, second = of(tmp_path, f"{bad}\n{GOOD}\n")
    assert isinstance(first, BadLine)
    assert first.number == 1
    assert said in first.problem
    assert good(second).number == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [("in.jsonl", f"{GOOD}\n"), ("in.csv", "result_id,tenant,response\r\na,t,Paris\r\n")],
)
def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path, name: str, text: str) -> None:
    """Spreadsheets and editors begin files with one, and nobody sees it."""
    (line,) = of(tmp_path, f"\ufeff{text}", name)
    assert str(good(line).result.key) == "t/a"


def test_a_result_without_an_id_is_named_by_its_content(tmp_path: Path) -> None:
    """The same line has the same ID wherever it is read; another line has another."""
    one, other, again = of(
        tmp_path,
        '{"response": {"text": "x"}}\n{"response": {"text": "y"}}\n{"response": {"text": "x"}}\n',
    )
    assert good(one).result.key == good(again).result.key
    assert good(one).result.key != good(other).result.key


def test_gzip_is_told_by_its_bytes(tmp_path: Path) -> None:
    """A packed file is read whatever its name says; half of one is said to be half."""
    file = tmp_path / "in.jsonl"
    packed = gzip.compress((f"{GOOD}\n" * 200).encode())
    file.write_bytes(packed)
    assert len(list(read_lines(file))) == 200
    file.write_bytes(packed[:-10])
    with pytest.raises(FatalError, match="not a whole gzip file"):
        list(read_lines(file))


def test_a_table_is_read_by_its_map(tmp_path: Path) -> None:
    """Columns land where the map says; a column with a field's own name needs no entry."""
    file = tmp_path / "in.csv"
    file.write_text(
        'question,answer,task_kind,alternatives\nWho?,"Me, I",open_qa,"[""You"", ""Me""]"\n',
        encoding="utf-8",
    )
    (line,) = read_lines(file, parse_map("response=answer, prompt=question"))
    result = good(line).result
    assert result.response.text == "Me, I"
    assert [message.text for message in result.messages] == ["Who?"]
    assert result.task_kind is TaskKind.OPEN_QA
    assert [one.response.text for one in result.alternatives] == ["You", "Me"]
    assert good(line).fields["question"] == "Who?"


def test_a_bad_cell_is_a_bad_line(tmp_path: Path) -> None:
    """A list that is none is told with the row's line, and the next row is read."""
    first, second = of(
        tmp_path, 'response,logprobs\na,"[""x""]"\nb,"[-0.5, -0.1]"\n', name="in.csv"
    )
    assert isinstance(first, BadLine)
    assert first.number == 2
    assert "logprobs" in first.problem
    tokens = good(second).result.response.tokens
    assert tokens is not None
    assert tokens.logprobs == (-0.5, -0.1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("respons=x", "did you mean response?"),
        ("zzz=x", "known are alternatives, context, conversation_id"),
        ("response", "is not FIELD=COLUMN"),
        ("response=answr", "did you mean answer?"),
    ],
)
def test_a_wrong_map_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """A map that names no field or no column ends with what was meant."""
    file = tmp_path / "in.csv"
    file.write_text("answer\nx\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="map") as caught:
        list(read_lines(file, parse_map(text)))
    assert said in str(caught.value)


def test_a_table_without_a_response_says_so(tmp_path: Path) -> None:
    """Without a column for the response, the message lists the columns that there are."""
    with pytest.raises(ConfigurationError, match="columns are a, b"):
        of(tmp_path, "a,b\n1,2\n", name="in.csv")


@pytest.mark.parametrize("text", ['"response"s\n', 'response\n"x"y\n'])
def test_what_is_no_table_is_said(tmp_path: Path, text: str) -> None:
    """A quote out of place, in the head or below it, ends in one sentence with its line."""
    with pytest.raises(ConfigurationError, match=r"line \d: not CSV"):
        of(tmp_path, text, name="in.csv")


def test_what_is_not_text_is_said(tmp_path: Path) -> None:
    """A table that is not UTF-8 ends in one sentence."""
    file = tmp_path / "in.csv"
    file.write_bytes(b"response\n\xff\xfe\n")
    with pytest.raises(FatalError, match="not UTF-8"):
        list(read_lines(file))


@pytest.mark.parametrize("name", ["in.jsonl", "in.csv"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_pipe_is_read_like_a_file(tmp_path: Path, name: str, *, packed: bool) -> None:
    """What cannot be read twice, as a shell's `<(...)`, is looked into and read whole."""
    text = (GOOD if name.endswith("jsonl") else "result_id,tenant,response\na,t,Paris").encode()
    pipe = tmp_path / name
    os.mkfifo(pipe)
    said = gzip.compress(text) if packed else text
    writing = Thread(target=pipe.write_bytes, args=(said,))
    writing.start()
    found = list(read_lines(pipe))
    writing.join()
    assert [str(good(line).result.key) for line in found] == ["t/a"]


@pytest.mark.parametrize("said", [b"", b"\n", b"\x1f"])
def test_a_file_of_a_byte_or_none_is_read(tmp_path: Path, said: bytes) -> None:
    """Too short to tell whether it is packed: it is read as it stands."""
    file = tmp_path / "in.jsonl"
    file.write_bytes(said)
    assert [type(line) for line in read_lines(file)] == [BadLine] * len(said.strip(b"\n"))

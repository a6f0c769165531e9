"""Results in files, line by line: JSON lines or CSV, plain or gzip, or standard input."""

from __future__ import annotations

import codecs
import gzip
import io
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol, cast

import orjson

from plimsoll.cli.csv_lines import read_csv
from plimsoll.cli.identify import derived_id
from plimsoll.domain.errors import FatalError, PoisonError
from plimsoll.domain.result import LlmResult
from plimsoll.wire.json_results import named_from_json

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

STDIN = Path("-")
_GZIP = b"\x1f\x8b"
# A line of more is no result: the scorer would refuse it too.
MAX_LINE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """One result, the line it stands on, its bare fields (for labels), and unknown names in it."""

    number: int
    result: LlmResult
    fields: Mapping[str, object]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that holds no result, and why."""

    number: int
    problem: str


def read_lines(file: Path, columns: Mapping[str, str] | None = None) -> Iterator[Line | BadLine]:
    """Every line that is not blank; a CSV where the name ends so, or where columns are given.

    A result without an ID gets one from its content, so that reading a file twice names it alike.
    """
    with opened(file) as stream:
        try:
            if columns is not None or file.name.removesuffix(".gz").endswith(".csv"):
                # A spreadsheet may begin its file with a byte order mark.
                text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
                yield from _from_csv(text, columns or {})
            else:
                yield from _from_json(stream)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FatalError(f"{file} is not a whole gzip file: {error}") from error
        except UnicodeDecodeError as error:
            raise FatalError(f"{file} is not UTF-8 text: {error.reason}") from error


@contextmanager
def opened(file: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file or of standard input, unpacked where they are gzip."""
    with ExitStack() as stack:
        # Standard input is not ours to close.
        source = sys.stdin.buffer if file == STDIN else stack.enter_context(file.open("rb"))
        head = source.read(len(_GZIP))
        # A pipe cannot be read from its beginning again.
        whole = cast(IO[bytes], io.BufferedReader(_Rejoined(head, cast(_Source, source))))
        if head == _GZIP:
            whole = cast(IO[bytes], stack.enter_context(gzip.open(whole, "rb")))
        yield whole


class _Source(Protocol):
    def readinto1(self, buffer: memoryview, /) -> int: ...


class _Rejoined(io.RawIOBase):
    """A stream whose first bytes have been read already, with those before it again."""

    def __init__(self, head: bytes, rest: _Source) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """What is there, up to the length of the buffer; 0 at the end."""
        view = memoryview(buffer).cast("B")
        if not self._head:
            return self._rest.readinto1(view)
        count = min(len(view), len(self._head))
        view[:count], self._head = self._head[:count], self._head[count:]
        return count


def _from_json(stream: IO[bytes]) -> Iterator[Line | BadLine]:
    number = 0
    while raw := stream.readline(MAX_LINE_BYTES):
        number += 1
        text = (raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw).strip()
        if not text:
            continue
        if len(raw) == MAX_LINE_BYTES:
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(MAX_LINE_BYTES)
            yield BadLine(number, f"more than {MAX_LINE_BYTES} bytes")
            continue
        try:
            result, unknown = named_from_json(text, derived_id(text))
        except PoisonError as poison:
            yield BadLine(number, str(poison))
            continue
        yield Line(number, result, orjson.loads(text), unknown)


def _from_csv(text: IO[str], columns: Mapping[str, str]) -> Iterator[Line | BadLine]:
    for row in read_csv(text, columns):
        if isinstance(row.result, str):
            yield BadLine(row.number, row.result)
        else:
            yield Line(row.number, row.result, row.cells, row.unknown)

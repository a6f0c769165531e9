"""Results in files, line by line: JSON lines or CSV, plain or gzip, or standard input."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import orjson

from plimsoll.cli.csv_lines import read_csv
from plimsoll.cli.identify import derived_id
from plimsoll.domain.errors import FatalError, PoisonError
from plimsoll.domain.result import LlmResult
from plimsoll.wire.json_results import named_from_json

STDIN = Path("-")
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
    with _opened(file) as stream:
        try:
            if columns is not None or file.name.removesuffix(".gz").endswith(".csv"):
                text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
                yield from _from_csv(text, columns or {})
            else:
                yield from _from_json(stream)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FatalError(f"{file} is not a whole gzip file: {error}") from error
        except UnicodeDecodeError as error:
            raise FatalError(f"{file} is not UTF-8 text: {error.reason}") from error


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    if file == STDIN:
        yield sys.stdin.buffer
        return
    with file.open("rb") as plain:
        if plain.read(2) == b"\x1f\x8b":
            plain.seek(0)
            with gzip.open(plain, "rb") as unpacked:
                yield cast(IO[bytes], unpacked)
        else:
            plain.seek(0)
            yield plain


def _from_json(stream: IO[bytes]) -> Iterator[Line | BadLine]:
    number = 0
    while raw := stream.readline(MAX_LINE_BYTES):
        number += 1
        text = raw.strip()
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

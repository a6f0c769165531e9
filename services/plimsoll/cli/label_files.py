"""Labels in a CSV: one row a result, with what somebody says of it."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from plimsoll.cli.claim_cells import claims_text, parse_claims
from plimsoll.cli.labels import label_of
from plimsoll.cli.lines import BadLine, opened
from plimsoll.domain.errors import ConfigurationError, FatalError
from plimsoll.domain.feedback import ClaimLabel, Feedback, FeedbackSource
from plimsoll.domain.identity import DEFAULT_TENANT, parse_key
from plimsoll.settings.near import near

COLUMNS = (
    "result_id",
    "right",
    "grade",
    "claims",
    "tenant",
    "source",
    "rater",
    "comment",
    "supersedes",
)
_SOURCES = tuple(s.value for s in FeedbackSource if s is not FeedbackSource.UNSPECIFIED)


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One label, the line on which it stands, and whether it was filled in at all."""

    number: int
    label: Feedback | None


@dataclass(frozen=True, slots=True)
class Said:
    """What holds for every row that does not say otherwise."""

    source: str
    rater: str = ""
    comment: str = ""
    audit: bool = False


def source_of(text: str) -> FeedbackSource:
    """A source by its name; ValueError says what is near."""
    if text not in _SOURCES:
        raise ValueError(f"there is no source {text[:40]}: {near(text, _SOURCES)}")
    return FeedbackSource(text)


def typed_source(text: str) -> FeedbackSource:
    """A source as people type it; ConfigurationError says what is near."""
    try:
        return source_of(text)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def read_label_rows(file: Path, said: Said) -> Iterator[LabelRow | BadLine]:
    """Every row of a table with a head, in order; one without a label is not filled in yet.

    A label is named by what it says of the result, or of its claims where it says nothing of that,
    so that a file that is sent twice counts once. Right after wrong, or wrong after right, by the
    same rater replaces what was said before, in another file: a row that says otherwise of a result
    than one before it is a bad one.
    ConfigurationError where the head lacks a column, FatalError where the file is no UTF-8 text.
    """
    with opened(file) as stream:
        yield from label_rows(stream, file, said)


def label_rows(stream: IO[bytes], file: Path, said: Said) -> Iterator[LabelRow | BadLine]:
    """The same of a stream that is open already; `file` is its name in errors."""
    # A spreadsheet may begin its file with a byte order mark.
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    reader = csv.DictReader(text, strict=True)
    try:
        _check_head(reader.fieldnames or ())
        turned: set[str] = set()
        for cells in reader:
            yield _at_one(_row(reader.line_num, cells, said), turned)
    except csv.Error as error:
        raise ConfigurationError(f"{file}:{reader.line_num}: not CSV: {error}") from error
    except UnicodeDecodeError as error:
        raise FatalError(f"{file} is not UTF-8 text: {error.reason}") from error


def _check_head(head: Sequence[str]) -> None:
    other = next((mark for mark in ";\t" if len(head) == 1 and mark in head[0]), None)
    if other is not None:
        # As spreadsheets write it where the comma is the decimal mark.
        raise ConfigurationError(f"columns must be separated by a comma, and not by {other!r}")
    unknown = [name for name in head if name not in COLUMNS]
    if unknown:
        raise ConfigurationError(
            f"there is no column {unknown[0][:40]!r}: {near(unknown[0], COLUMNS)}"
        )
    if "result_id" not in head or not {"right", "grade", "claims"} & set(head):
        raise ConfigurationError(
            "a file of labels has the columns result_id and right (or grade, or claims), and any "
            f"of {', '.join(COLUMNS[4:])}; `plimsoll audit` begins one"
        )


def _row(number: int, cells: Mapping[str | None, object], said: Said) -> LabelRow | BadLine:
    # A row with more cells than the head has them under None, as a list.
    if None in cells:
        return BadLine(number, "has more cells than the head has columns")
    given = {str(name): str(value or "").strip() for name, value in cells.items()}
    try:
        label, claims = _label(given), parse_claims(given.get("claims", ""))
        empty = label is None and claims is None
        return LabelRow(number, None if empty else _feedback(given, label, claims, said))
    except ValueError as error:
        return BadLine(number, str(error))


def _at_one(row: LabelRow | BadLine, turned: set[str]) -> LabelRow | BadLine:
    """The row; a bad one where an earlier one turns it, since nobody can tell which was last."""
    if isinstance(row, BadLine) or row.label is None:
        return row
    if row.label.feedback_id in turned:
        return BadLine(row.number, "says otherwise of the same result than a row before it")
    turned.add(row.label.supersedes)
    return row


def _label(given: Mapping[str, str]) -> bool | float | None:
    right, grade = label_of(given, "right"), given.get("grade", "")
    if right is not None and grade:
        raise ValueError("has both right and grade")
    if right is not None:
        return right == 1
    if not grade:
        return None
    try:
        found = float(grade)
    except ValueError:
        found = math.nan
    if not 0.0 <= found <= 1.0:
        raise ValueError(f"grade {grade[:40]!r} is no number in [0, 1]")
    return found


def _feedback(
    given: Mapping[str, str],
    label: bool | float | None,
    claims: tuple[ClaimLabel, ...] | None,
    said: Said,
) -> Feedback:
    key = parse_key(given["result_id"], given.get("tenant") or DEFAULT_TENANT)
    source = source_of(given.get("source") or said.source)
    rater, supersedes = given.get("rater") or said.rater, given.get("supersedes", "")

    def named(one: bool | float | None) -> str:
        facts = [str(key), repr(one), source.value, rater, supersedes, str(said.audit)]
        # Whatever a row says of claims besides, it is one label of its result, which may be turned.
        if one is None and claims is not None:
            facts.append(claims_text(claims))
        digest = hashlib.sha256("\x1f".join(facts).encode()).hexdigest()
        return f"file-{digest[:32]}"

    return Feedback(
        feedback_id=named(label),
        key=key,
        label=label,
        source=source,
        rater=rater,
        # Both would stand else, and what raters are at odds about is not right.
        supersedes=supersedes or (named(not label) if isinstance(label, bool) else ""),
        comment=given.get("comment") or said.comment,
        audit=said.audit,
        claims=claims,
    )

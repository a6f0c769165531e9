"""Tables that queries are run on: as they came, or with rows drawn for the schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plimsoll.metrics.code_scanning import closing, split_top
from plimsoll.metrics.code_values import Draw
from plimsoll.ports.sandbox import Ask, Request

_FIXTURES = 4
_ROWS = 9
_MAX_TABLES = 30
_MAX_LITERALS = 40
_MAX_FIXTURE_CHARS = 100_000
_CREATE = re.compile(
    r"\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?([\"`\[]?[\w.]+[\"`\]]?)\s*\(", re.IGNORECASE
)
_INSERT = re.compile(r"\bINSERT\s+INTO\b", re.IGNORECASE)
_CONSTRAINT = re.compile(r"(?:PRIMARY|FOREIGN|UNIQUE|CHECK|CONSTRAINT|KEY|INDEX)\b", re.IGNORECASE)
_COLUMN = re.compile(r"\s*(?:\"([^\"]+)\"|`([^`]+)`|\[([^\]]+)\]|(\w+))\s*(.*)", re.DOTALL)
_WORDS = ("alpha", "beta", "gamma", "Delta", "alpha", "omega")
_DAYS = ("2023-01-15", "2023-06-30", "2024-02-29", "2022-12-31")


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    statement: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Literals:
    numbers: tuple[str, ...]
    strings: tuple[str, ...]


def fixtures_of(told: Sequence[str], queries: Sequence[str]) -> tuple[Request, ...]:
    """Scripts that make the tables: a text with rows as it is, else the schema with drawn rows.

    Literals of the queries are among the values, as else few rows would meet any condition.
    """
    told = [text[:_MAX_FIXTURE_CHARS] for text in told]
    filled = [text for text in told if _CREATE.search(text) and _INSERT.search(text)]
    if filled:
        scripts = [_script(text) for text in filled[:_FIXTURES]]
        return tuple(Request(Ask.QUERY, text) for text in scripts if text)
    tables = list(_tables(told))
    if not tables:
        return ()
    literals = _literals("\n".join(sorted(queries)))
    drawn = [_drawn(tables, literals, Draw(f"tables {number}")) for number in range(_FIXTURES)]
    return tuple(Request(Ask.QUERY, text) for text in drawn if len(text) <= _MAX_FIXTURE_CHARS)


def _script(text: str) -> str:
    """The statements of a text, from the first that makes a table to the last semicolon."""
    first = _CREATE.search(text)
    if first is None:
        return ""
    end = text.rfind(";")
    return text[first.start() : end + 1] if end > first.start() else text[first.start() :]


def _tables(told: Sequence[str]) -> Iterator[_Table]:
    seen: set[str] = set()
    for text in told:
        for match in _CREATE.finditer(text):
            end = closing(text, match.end() - 1)
            pieces = split_top(text[match.end() : end]) if end is not None else None
            name = match[1].strip('"`[]')
            if end is None or pieces is None or name.lower() in seen or len(seen) > _MAX_TABLES:
                continue
            seen.add(name.lower())
            yield _Table(name, text[match.start() : end + 1], tuple(_columns(pieces)))


def _columns(pieces: Sequence[str]) -> Iterator[tuple[str, str]]:
    for piece in pieces:
        match = _COLUMN.fullmatch(re.sub(r"--[^\n]*", "", piece))
        if match is not None and not _CONSTRAINT.match(piece.strip()):
            yield next(name for name in match.groups()[:4] if name), match[5].upper()


def _literals(queries: str) -> _Literals:
    strings = [found.replace("''", "'") for found in re.findall(r"'((?:[^']|'')*)'", queries)]
    numbers = re.findall(r"(?<![\w.'])\d{1,9}(?:\.\d{1,4})?(?![\w.'])", queries)
    bare = [text.strip("%") for text in strings if len(text) <= 100]
    return _Literals(
        tuple(sorted(set(numbers)))[:_MAX_LITERALS], tuple(sorted(set(bare)))[:_MAX_LITERALS]
    )


def _drawn(tables: Sequence[_Table], literals: _Literals, draw: Draw) -> str:
    statements = ["PRAGMA foreign_keys = OFF"]
    for table in tables:
        statements.append(table.statement)
        for row in range(1, _ROWS + 1):
            values = [
                _value(name, kind, row if place == 0 else 0, literals, draw)
                for place, (name, kind) in enumerate(table.columns)
            ]
            quoted = table.name.replace('"', '""')
            # Names and texts are quoted, and it is run on tables that hold nothing else.
            statements.append(f'INSERT OR IGNORE INTO "{quoted}" VALUES ({", ".join(values)})')  # noqa: S608 - see above
    return ";\n".join(statements) + ";"


def _value(name: str, kind: str, row: int, literals: _Literals, draw: Draw) -> str:
    """One value as SQL; `row` is the row's number in a table's first column, else 0."""
    lowered = name.lower()
    whole = re.match(r"(?:\w*INT|SERIAL|BOOL|NUMBER$)", kind) is not None
    if whole and (row or lowered.endswith("id")):
        # Few and low, so that keys of one table are found in another.
        return str(row or 1 + draw.below(_ROWS))
    if "NOT NULL" not in kind and "PRIMARY" not in kind and draw.below(10) == 0:
        return "NULL"
    if "BOOL" in kind:
        return str(draw.below(2))
    if whole or re.match(r"(?:REAL|FLOAT|DOUBLE|NUM|DEC|MONEY)", kind):
        return _number(literals, draw, whole=whole)
    days = [text for text in literals.strings if re.match(r"\d{4}-\d\d", text)]
    if kind.startswith(("DATE", "TIME")) or "date" in lowered:
        return _quoted((*days, *_DAYS)[draw.below(len(days) + len(_DAYS))])
    row_of_texts = (*literals.strings, *_WORDS)
    text = row_of_texts[draw.below(len(row_of_texts))]
    return _quoted(f"{text} {row}" if "PRIMARY" in kind or "UNIQUE" in kind else text)


def _number(literals: _Literals, draw: Draw, *, whole: bool) -> str:
    named = [text for text in literals.numbers if not whole or "." not in text]
    if named and draw.below(2):
        # On the edge of what a query asks for, and to both sides of it.
        near = float(named[draw.below(len(named))]) + draw.below(3) - 1
        return str(int(near)) if whole else str(near)
    return str(draw.below(100)) if whole else str(draw.below(1_000) / 10)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

"""SQL in the sandbox: parsed, bound and run by SQLite, on tables that each request makes."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator

from plimsoll.adapters.sandbox.harness.canonical import TooLargeError, digest
from plimsoll.adapters.sandbox.harness.forks import in_a_fork
from plimsoll.adapters.sandbox.harness.jobs import Ending, Job

_MAX_ROWS = 5_000
_MAX_STATEMENTS = 50
_MAX_VALUE_BYTES = 1_000_000
_QUERY = re.compile(r"\s*(?:SELECT|WITH|VALUES)\b", re.IGNORECASE)
# Comments, strings, names in quotes, and brackets of any kind: where ORDER BY does not count.
_TOKEN = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|[()]|\w+|\S",
    re.DOTALL,
)
_DENIED = {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_PRAGMA}


def answers(job: Job, results: int) -> Iterator[Ending]:
    """How parsing and binding ended, then what the statements give on each request's tables."""
    fixture = next((text for _, text in job.requests), "")
    yield in_a_fork(lambda: _caught(lambda: _parsed(job.source)), results)
    yield in_a_fork(lambda: _caught(lambda: _bound(job.source, fixture)), results)
    for _, text in job.requests:
        yield in_a_fork(lambda tables=text: _caught(lambda: _ran(job, tables)), results)  # type: ignore[misc]  # bound at once


def _caught(work: Callable[[], Ending]) -> Ending:
    try:
        return work()
    except (MemoryError, TooLargeError):
        return "exhausted", "limit"
    except sqlite3.Warning:
        return "error", "Warning"
    except sqlite3.Error as error:
        return "error", type(error).__name__
    except (ValueError, RecursionError) as error:
        return "error", type(error).__name__


def _opened(fixture: str) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    if hasattr(connection, "setlimit"):
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE_BYTES)
    connection.executescript(fixture)
    connection.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_DENY if action in _DENIED else sqlite3.SQLITE_OK
    )
    return connection


def _parsed(source: str) -> Ending:
    """An error unless SQLite takes every statement, or misses only what it names."""
    for statement in _statements(source):
        try:
            _opened("").execute(f"EXPLAIN {statement}")
        except sqlite3.OperationalError as error:
            if "syntax error" in str(error) or "incomplete input" in str(error):
                return "error", "SyntaxError"
            if "unrecognized token" in str(error):
                return "error", "SyntaxError"
    return ("value", "") if _statements(source) else ("error", "Empty")


def _bound(source: str, fixture: str) -> Ending:
    """An error unless each statement finds its tables and columns, after those before it."""
    connection = _opened(fixture)
    for statement in _statements(source):
        connection.execute(f"EXPLAIN {statement}").fetchall()
        if not _QUERY.match(statement):
            connection.execute(statement)
    return "value", ""


def _ran(job: Job, fixture: str) -> Ending:
    """The rows of the last query, in their order where it has one; else what tables hold after."""
    connection = _opened(fixture)
    rows: list[tuple[object, ...]] | None = None
    last = ""
    for statement in _statements(job.source):
        cursor = connection.execute(statement)
        last = statement
        rows = _fetched(cursor) if cursor.description is not None else None
    if rows is None:
        return "value", digest(_tables(connection), job.output_bytes)
    counted = ["rows", rows] if ordered(last) else ["bag", sorted(map(_key, rows))]
    return "value", digest(counted, job.output_bytes)


def _fetched(cursor: sqlite3.Cursor) -> list[tuple[object, ...]]:
    rows = cursor.fetchmany(_MAX_ROWS + 1)
    if len(rows) > _MAX_ROWS:
        raise TooLargeError("rows")
    return rows


def _key(row: tuple[object, ...]) -> str:
    """A row as text under which equal rows are equal, so that bags can be sorted."""
    return digest(row, _MAX_VALUE_BYTES * 4)


def _tables(connection: sqlite3.Connection) -> list[object]:
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    ).fetchall()
    return [
        # A name in double quotes with each of its own doubled is one identifier and nothing else.
        [name, sorted(map(_key, _fetched(connection.execute(f'SELECT * FROM "{_quoted(name)}"'))))]  # noqa: S608 - see above
        for (name,) in names
    ]


def _quoted(name: str) -> str:
    return name.replace('"', '""')


def _statements(source: str) -> list[str]:
    """The statements of a script; what SQLite does not find complete is one more."""
    statements: list[str] = []
    current = ""
    for piece in source.split(";"):
        current += piece
        if sqlite3.complete_statement(current + ";"):
            if _meaningful(current):
                statements.append(current.strip())
            current = ""
        else:
            current += ";"
    if _meaningful(current):
        statements.append(current.strip().rstrip(";"))
    return statements[:_MAX_STATEMENTS]


def _meaningful(text: str) -> bool:
    pieces = [piece for piece in _TOKEN.findall(text) if not piece.startswith(("--", "/*"))]
    return any(piece != ";" for piece in pieces)


def ordered(statement: str) -> bool:
    """Whether a query's own rows have an order: ORDER BY outside every bracket."""
    depth = 0
    before = ""
    for piece in _TOKEN.findall(statement):
        depth += (piece == "(") - (piece == ")")
        if depth == 0 and before == "ORDER" and piece.upper() == "BY":
            return True
        if not piece.startswith(("--", "/*")):
            before = piece.upper()
    return False

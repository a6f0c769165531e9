"""SQL inside the sandbox: statements, order, bags; run here, as none of it is hostile."""

from __future__ import annotations

import pytest

from plimsoll.adapters.sandbox.harness.jobs import Job
from plimsoll.adapters.sandbox.harness.sql_programs import _parsed, _ran, _statements, ordered

TABLES = "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x;y'), (2, NULL), (1, 'z')"


def output(source: str) -> str:
    """The digest of what a script gives on the tables above."""
    told = {
        "toolchain": "sql",
        "source": source,
        "entry_point": "",
        "requests": [],
        "limits": {"output_bytes": 10_000},
        "node": "",
    }
    ended, digest = _ran(Job(told), TABLES)
    assert ended == "value"
    return digest


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT a FROM t ORDER BY a", True),
        ("select a from t order\n/* as asked */ by a limit 2", True),
        ("SELECT a FROM t", False),
        ("SELECT a FROM (SELECT a FROM t ORDER BY b)", False),
        ("SELECT row_number() OVER (ORDER BY a) FROM t", False),
        ("SELECT 'ORDER BY' FROM t -- ORDER BY a", False),
    ],
)
def test_only_the_order_of_the_query_itself_counts(query: str, expected: bool) -> None:
    """ORDER BY in brackets, strings and comments orders nothing that anyone sees."""
    assert ordered(query) is expected


def test_rows_without_an_order_are_a_bag() -> None:
    """The same rows in another order are the same result, and a row less is not."""
    assert output("SELECT a FROM t") == output("SELECT a FROM t WHERE a > 0")
    assert output("SELECT a, b FROM t") == output("SELECT * FROM (SELECT a, b FROM t ORDER BY b)")
    assert output("SELECT a FROM t") != output("SELECT DISTINCT a FROM t")


def test_rows_with_an_order_are_a_list() -> None:
    """Where both queries order their rows, the order is part of the result."""
    up, down = output("SELECT a FROM t ORDER BY a"), output("SELECT a FROM t ORDER BY a DESC")
    assert up != down
    assert up == output("SELECT a FROM t ORDER BY a, b")


def test_what_is_no_query_is_told_by_its_effect() -> None:
    """Two ways to change a table agree where the tables agree afterwards."""
    one = output("UPDATE t SET b = 'q' WHERE a = 1")
    assert one == output("UPDATE t SET b = 'q' WHERE a < 2;")
    assert one != output("UPDATE t SET b = 'q'")


def test_statements_are_split_where_sqlite_would() -> None:
    """Semicolons in strings, triggers and comments end nothing."""
    trigger = "CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM t; END"
    source = f"SELECT ';'; {trigger}; -- and; so on\n;; SELECT 2"
    assert len(_statements(source)) == 3


@pytest.mark.parametrize(
    ("source", "ended"),
    [
        ("SELECT a FROM nowhere", "value"),
        ("SELEC a", "error"),
        ("SELECT (1", "error"),
        ("-- nothing", "error"),
    ],
)
def test_a_missing_table_is_no_mistake_of_grammar(source: str, ended: str) -> None:
    """Parsing is told apart from binding: what names are there depends on the tables."""
    assert _parsed(source)[0] == ended

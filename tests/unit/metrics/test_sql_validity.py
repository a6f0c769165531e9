"""SQL that parses, that does not, and that nobody can tell of."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Code, TaskKind
from plimsoll.domain.score import Score
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.sql_validity import SqlValidity
from tests.unit.metrics.grounded import reason
from tests.unit.metrics.results import result


def scored(source: str, language: str = "sql") -> Score:
    """The score of a response with that code."""
    answer = result("see code", kind=TaskKind.CODE)
    return evaluate(SqlValidity(), replace(answer, code=Code(source, language)))


@pytest.mark.parametrize(
    "source",
    [
        "SELECT a FROM b WHERE c = 1",
        "select 1; select 2;",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "INSERT INTO a VALUES (1)",
        "CREATE TABLE t (a INT)",
        "(SELECT 1)",
        "-- a comment\nSELECT 1",
    ],
)
def test_statements_that_parse(source: str) -> None:
    """Queries and other statements, one or more."""
    assert scored(source).value == 1.0


@pytest.mark.parametrize(
    "source",
    ["SELECT * FROM", "SELEC 1", "hello world", "42", "Sure! Here it is: SELECT 1", "-- nothing"],
)
def test_what_is_no_statement(source: str) -> None:
    """Half a statement, prose, a bare value, a comment."""
    assert scored(source).value == 0.0


def test_the_dialect_is_that_of_the_language() -> None:
    """`TOP 5` is Transact-SQL; backticks are MySQL."""
    assert scored("SELECT TOP 5 a FROM b", "tsql").value == 1.0
    assert scored("SELECT `a` FROM `b`", "MySQL").value == 1.0


def test_evidence_says_where_and_quotes_nothing() -> None:
    """Line and column."""
    (error,) = scored("SELECT secret\nFROM t WHERE (").evidence
    assert error.text.startswith("it does not parse at line 2")
    assert "secret" not in error.text


def test_what_the_parser_passes_over_is_left_open(caplog: pytest.LogCaptureFixture) -> None:
    """It is neither right nor wrong, and is not written into the log."""
    with caplog.at_level(logging.DEBUG):
        assert reason(scored("CALL secret_procedure()")) is AbsenceReason.ABSTAINED
    assert "secret" not in caplog.text


def test_other_languages_do_not_apply() -> None:
    """Python is no SQL, and costs nothing."""
    assert reason(scored("x = 1", "python")) is AbsenceReason.NOT_APPLICABLE
    answer = replace(result("x"), code=Code("x = 1", "python"))
    assert SqlValidity().work(answer) == 1


@pytest.mark.parametrize("source", ["NOT " * 4_000 + "1", "SELECT " + "- " * 4_000 + "1"])
def test_deep_nesting_is_too_large(source: str) -> None:
    """What would exhaust the parser's stack is refused."""
    assert reason(scored(source)) is AbsenceReason.INPUT_TOO_LARGE


def test_long_code_is_too_large() -> None:
    """Beyond the stated length it is not read."""
    assert reason(scored("SELECT 1;" * 3_000)) is AbsenceReason.INPUT_TOO_LARGE

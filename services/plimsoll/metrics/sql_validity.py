"""Whether SQL of the response can be parsed."""

from __future__ import annotations

import logging
from functools import cache
from importlib.metadata import version

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence

MAX_CHARS = 20_000
# By the language of the code in lower case; empty is what all dialects have in common.
_DIALECTS = {
    "sql": "", "postgresql": "postgres", "postgres": "postgres", "mysql": "mysql",
    "mariadb": "mysql", "sqlite": "sqlite", "tsql": "tsql", "mssql": "tsql", "bigquery": "bigquery",
    "snowflake": "snowflake", "duckdb": "duckdb", "oracle": "oracle", "plsql": "oracle",
    "spark": "spark", "sparksql": "spark", "hive": "hive", "redshift": "redshift", "trino": "trino",
    "presto": "presto", "clickhouse": "clickhouse",
}  # fmt: skip


class SqlValidity:
    """1 if the code is one or more SQL statements that parse in its dialect, otherwise 0.

    A statement that does not parse will not run; one that parses may name tables that are not
    there. What the parser only passes over, such as administration, is left open: `abstained`.
    """

    spec = MetricSpec(
        name="sql_validity",
        version="1",
        family=Family.VALIDATOR,
        summary="Whether the response's SQL parses.",
        needs=(Need.CODE,),
        source="sqlglot",
        raw_scale="1 parses, 0 does not",
    )

    def __init__(self) -> None:
        # It logs statements that it passes over, and a log is no place for what a model wrote.
        logging.getLogger("sqlglot").setLevel(logging.CRITICAL + 1)

    def work(self, result: LlmResult) -> int:
        """Parsing, at some 50 us a character at the worst."""
        code = result.code
        if code is None or code.language.lower() not in _DIALECTS:
            return 1
        return 10_000 + 500 * min(MAX_CHARS, len(code.source))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """1.0 or 0.0; evidence is where parsing stopped, by line and column from 1."""
        assert result.code is not None  # noqa: S101 - `needs` has been checked
        dialect = _DIALECTS.get(result.code.language.lower())
        if dialect is None:
            return Absence(AbsenceReason.NOT_APPLICABLE, "the code is in no language of SQL")
        source = result.code.source
        if len(source) > MAX_CHARS:
            detail = f"{len(source)} characters, {MAX_CHARS} allowed"
            return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
        return _parsed(source, dialect)


def _parsed(source: str, dialect: str) -> Measurement | Absence:
    # A quarter of a second that only those pay who score SQL.
    from sqlglot import exp, parse  # noqa: PLC0415 - see above
    from sqlglot.errors import SqlglotError  # noqa: PLC0415 - see above

    provenance = (("dialect", dialect or "any"), ("parser", f"sqlglot {_version()}"))
    try:
        statements = [one for one in parse(source, read=dialect or None) if one is not None]
    except SqlglotError as error:
        return Measurement(
            value=0.0, raw_value=0.0, evidence=(_where(error),), provenance=provenance
        )
    except RecursionError:
        return Absence(AbsenceReason.INPUT_TOO_LARGE, "the code is nested too deeply")
    if any(isinstance(one, exp.Command) for one in statements):
        return Absence(AbsenceReason.ABSTAINED, "a statement that the parser does not look into")
    # `hello world` parses as a name with an alias.
    bare = (exp.Alias, exp.Condition, exp.Tuple)
    queries = [one for one in statements if isinstance(one, exp.Query) or not isinstance(one, bare)]
    value = float(bool(statements) and len(queries) == len(statements))
    evidence = () if value else (Evidence("sql_error", "code.source", text="no statement"),)
    return Measurement(value=value, raw_value=value, evidence=evidence, provenance=provenance)


@cache
def _version() -> str:
    return version("sqlglot")


def _where(error: Exception) -> Evidence:
    """The place alone: the parser's message quotes the code."""
    errors = getattr(error, "errors", None) or [{}]
    line, column = errors[0].get("line"), errors[0].get("col")
    place = f" at line {line}, column {column}" if line is not None else ""
    return Evidence("sql_error", "code.source", text=f"it does not parse{place}")

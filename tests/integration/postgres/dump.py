"""Everything that a store in PostgreSQL says, read without the store."""

from __future__ import annotations

from plimsoll.settings.postgres import ScorePostgresSettings
from tests.contracts.rows import DEAD, SCORES
from tests.support.postgres import PostgresServer

_VISIBLE = (
    "tenant, result_id, score_id, revision, input_digest, content_digest, topic, log_partition,"
    " log_offset, event_time, model, task_kind, verdict, point, lower, input_conflicts, payload"
)
TABLES = {
    "visible": _VISIBLE,
    "results": "*",
    "scorings": "*",
    "dead_letters": "*",
    "offsets": "topic, log_partition, next_offset, visible, dead, events, duplicates, conflicts",
}


def dump(
    server: PostgresServer, settings: ScorePostgresSettings, database: str = "postgres"
) -> dict[str, list[str]]:
    """The rows of each table in an order of their own; no epochs, and no order of arrival."""
    found = {}
    for table, columns in TABLES.items():
        statement = f"SELECT {columns} FROM {settings.schema_name}.{table}"
        found[table] = sorted(server.sql(statement, database).splitlines())
    return found


def assert_whole(
    server: PostgresServer, settings: ScorePostgresSettings, acknowledged: int
) -> None:
    """No batch is there in part: rows, tallies and offsets belong to one moment."""
    schema = settings.schema_name
    row = server.sql(
        "SELECT s.next_offset, s.visible, s.events, s.duplicates, d.next_offset, d.dead,"
        f" (SELECT count(*) FROM {schema}.results), (SELECT count(*) FROM {schema}.visible),"
        f" (SELECT count(*) FROM {schema}.scorings), (SELECT count(*) FROM {schema}.dead_letters),"
        f" (SELECT count(*) FROM {schema}.results r JOIN {schema}.visible v USING"
        " (event_time, tenant, result_id, revision, log_offset, log_partition, input_conflicts))"
        f" FROM {schema}.offsets s, {schema}.offsets d"
        f" WHERE s.topic = '{SCORES}' AND d.topic = '{DEAD}'"
    )
    offset, visible, events, duplicates, dead_offset, dead, *counts = map(int, row.split("|"))
    results, rows, scorings, letters_there, joined = counts
    assert offset >= acknowledged
    assert offset == events == dead_offset == dead == letters_there
    assert visible == results == rows == joined
    assert events - duplicates == results + scorings

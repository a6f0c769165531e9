"""The SQLite score store: WAL, one writer, time-ordered keys."""

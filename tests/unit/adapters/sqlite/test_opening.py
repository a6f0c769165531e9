"""Several processes may open one new file at the same moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from plimsoll.adapters.sqlite.schema import open_writer

AT_ONCE = 6


def open_at_once(path: Path) -> list[str]:
    """How the file keeps its journal, as each of several connections says that open it at once."""
    together = threading.Barrier(AT_ONCE)

    def journal() -> str:
        together.wait(60)
        with closing(open_writer(path, 60_000)) as connection:
            (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
            return str(mode)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return [opened.result() for opened in [threads.submit(journal) for _ in range(AT_ONCE)]]


def test_a_new_file_is_opened_by_several_at_once(tmp_path: Path) -> None:
    """None of them is told that the file is locked: SQLite itself says so at once now and then."""
    for n in range(40):
        assert open_at_once(tmp_path / f"{n}.db") == ["wal"] * AT_ONCE

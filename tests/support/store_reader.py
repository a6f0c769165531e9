"""The checker's own eyes on the store: plain SQL on the SQLite file, read-only."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from plimsoll.v1 import score_pb2
from tests.support.checker import Partition, Row, Source

PROJECTED_DEADLINE_S = 600.0


def content_of(event: score_pb2.ScoredResult) -> str:
    """A digest of the event's bytes without its observation."""
    bare = score_pb2.ScoredResult()
    bare.CopyFrom(event)
    bare.ClearField("observation")
    return hashlib.sha256(bare.SerializeToString(deterministic=True)).hexdigest()


def visible_rows(path: Path) -> list[Row]:
    """Every visible row, with a digest of the payload that it holds."""
    columns = "tenant, result_id, score_id, revision, payload"
    return [
        Row(
            key=f"{tenant}/{result_id}",
            score_id=score_id,
            revision=revision,
            content=content_of(score_pb2.ScoredResult.FromString(payload)),
        )
        for tenant, result_id, score_id, revision, payload in _query(
            path, f"SELECT {columns} FROM visible ORDER BY tenant, result_id"
        )
    ]


def dead_sources(path: Path) -> list[Source]:
    """Where each dead letter of the store came from."""
    columns = "source_topic, source_partition, source_offset, source_index"
    return [Source(*found) for found in _query(path, f"SELECT {columns} FROM dead_letters")]


def projected(path: Path) -> dict[Partition, int]:
    """How far the store has come on each partition."""
    found = _query(path, "SELECT topic, log_partition, next_offset FROM offsets")
    return {Partition(topic, number): at for topic, number, at in found}


async def wait_until_projected(path: Path, ends: Mapping[Partition, int]) -> None:
    """Returns when the store holds everything below these ends; fails where it stands still."""
    before: dict[Partition, int] = {}
    deadline = time.monotonic() + PROJECTED_DEADLINE_S
    while True:
        reached = projected(path)
        if all(reached.get(partition, 0) >= end for partition, end in ends.items()):
            return
        if reached != before:
            before, deadline = reached, time.monotonic() + PROJECTED_DEADLINE_S
        if time.monotonic() > deadline:
            raise AssertionError(f"the store stands at {reached}, not at {ends}")
        await asyncio.sleep(0.2)


def _query(path: Path, statement: str) -> list[Any]:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=120)) as connection:
            return connection.execute(statement).fetchall()
    except sqlite3.OperationalError as error:
        # The file is there a moment before its tables are.
        if "no such table" in str(error) or "unable to open" in str(error):
            return []
        raise

"""What `plimsoll doctor` says of the store of scores."""

from __future__ import annotations

import os
from pathlib import Path

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.stores import judge_store, name_of, store_to_read
from plimsoll.cli.findings import Finding, Health, one_line
from plimsoll.domain.errors import PlimsollError
from plimsoll.settings.judges import JudgeSettings
from plimsoll.settings.postgres import StoreKind
from plimsoll.settings.store import StoreSettings


def store_place(settings: StoreSettings) -> Finding:
    """Where the store is, as far as it can be told without a connection."""
    if settings.kind is StoreKind.SQLITE:
        return _store_path(settings.path)
    try:
        store_to_read(settings, SystemClock())
    except PlimsollError as error:
        return Finding("store's database", Health.FAILED, one_line(error), "set what is named")
    return Finding("store's database", Health.OK, name_of(settings))


async def store_state(settings: StoreSettings) -> Finding:
    """Whether the store serves, and what it holds."""
    if settings.kind is StoreKind.SQLITE and not settings.path.exists():
        remedy = "the indexer creates it; where it runs elsewhere, this does not matter"
        return Finding("store", Health.NOTE, f"{settings.path} is not there", remedy)
    remedy = "`plimsoll indexer --rebuild` makes it anew from the topic"
    if settings.kind is StoreKind.POSTGRES:
        remedy = "look at store.postgres.* in `plimsoll settings show`, and at `plimsoll migrate`"
    try:
        store = store_to_read(settings, SystemClock())
        try:
            await store.start()
            await store.check()
            counts = await store.counts()
        finally:
            await store.close()
    except PlimsollError as error:
        return Finding("store", Health.FAILED, one_line(error), remedy)
    said = ", ".join(f"{name} {count}" for name, count in counts.items())
    return Finding("store", Health.OK, f"{name_of(settings)}: {said}")


async def judge_store_state(settings: JudgeSettings) -> Finding:
    """Whether the server that keeps what judges said serves."""
    name = settings.store.postgres.schema_name
    try:
        store = judge_store(settings, SystemClock())
        try:
            await store.start()
        finally:
            await store.close()
    except PlimsollError as error:
        remedy = (
            "look at judges.store.postgres.* in `plimsoll settings show`, and at `plimsoll migrate`"
        )
        return Finding("judges' store", Health.FAILED, one_line(error), remedy)
    return Finding("judges' store", Health.OK, f"PostgreSQL, schema {name}")


def _store_path(path: Path) -> Finding:
    folder = path.absolute().parent
    if not folder.is_dir():
        remedy = f"create it, or set store.path (it is {path})"
        return Finding("store's folder", Health.FAILED, f"{folder} is no folder", remedy)
    if not os.access(folder, os.W_OK):
        remedy = "give this user the right to write there, or set store.path"
        return Finding("store's folder", Health.FAILED, f"{folder} cannot be written", remedy)
    return Finding("store's folder", Health.OK, str(folder))

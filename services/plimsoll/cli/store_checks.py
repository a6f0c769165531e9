"""What `plimsoll doctor` says of the stores."""

from __future__ import annotations

import os
from pathlib import Path

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.stores import judge_store, key_store, name_of, store_to_read
from plimsoll.cli.findings import Finding, Health, one_line
from plimsoll.domain.errors import PlimsollError
from plimsoll.settings.evidence import EvidenceSettings
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


async def key_store_state(settings: EvidenceSettings, keys_file: Path) -> Finding:
    """Whether master keys can be read here, and the server of the keys that they wrap serves."""
    try:
        if settings.store.kind is StoreKind.POSTGRES:
            store = key_store(settings)
            try:
                await store.start()
            finally:
                await store.close()
        return _master_keys(keys_file)
    except PlimsollError as error:
        remedy = "look at evidence.* in `plimsoll settings show`, and at `plimsoll migrate`"
        return Finding("evidence", Health.FAILED, one_line(error), remedy)


def _master_keys(keys_file: Path) -> Finding:
    from plimsoll.adapters.evidence.ring import FileKeyRing

    if not keys_file.exists():
        remedy = "scorers and the query service need it; elsewhere this does not matter"
        return Finding("evidence", Health.NOTE, f"{keys_file} is not there", remedy)
    first = FileKeyRing(keys_file).first
    return Finding("evidence", Health.OK, f"sealed; master key {first} wraps new keys")


def _store_path(path: Path) -> Finding:
    folder = path.absolute().parent
    if not folder.is_dir():
        remedy = f"create it, or set store.path (it is {path})"
        return Finding("store's folder", Health.FAILED, f"{folder} is no folder", remedy)
    if not os.access(folder, os.W_OK):
        remedy = "give this user the right to write there, or set store.path"
        return Finding("store's folder", Health.FAILED, f"{folder} cannot be written", remedy)
    return Finding("store's folder", Health.OK, str(folder))

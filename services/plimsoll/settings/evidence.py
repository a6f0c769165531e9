"""Whether evidence is sealed, and where its keys are kept."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field

from plimsoll.settings.postgres import KeyPostgresSettings, StoreKind


class KeyStoreSettings(BaseModel):
    """Where keys of evidence are kept."""

    kind: StoreKind = Field(
        StoreKind.SQLITE,
        description="The file that evidence.path names, or a server for services on several "
        "machines.",
    )
    postgres: KeyPostgresSettings = Field(default_factory=KeyPostgresSettings)


class EvidenceSettings(BaseModel):
    """What scores rest on quotes results: sealed with keys that an erasure destroys."""

    keys_file: Path | None = Field(
        None,
        description="Master keys, one `ID key` a line, as `plimsoll evidence new-key` writes them: "
        "the first wraps the keys of evidence, the others still unwrap. Without it evidence is "
        "published in clear.",
    )
    path: Path = Field(
        Path("plimsoll-keys.db"),
        description="SQLite file of wrapped keys, shared by all services of a host. Nothing can "
        "rebuild it: back it up.",
    )
    busy_timeout_ms: int = Field(
        5_000, ge=0, description="How long a writer waits for the file's lock."
    )
    store: KeyStoreSettings = Field(default_factory=KeyStoreSettings)

    @property
    def has_keys(self) -> bool:
        """Whether keys are or were made: an erasure has to reach them."""
        on_server = self.store.kind is StoreKind.POSTGRES
        return on_server or self.keys_file is not None or self.path.exists()

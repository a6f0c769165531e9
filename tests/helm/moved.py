"""Values that were renamed, removed, or belong elsewhere, and what to set in their place."""

from __future__ import annotations

from typing import Any

import yaml

from tests.helm.settings_schema import DECIDED, secrets

# What the names of versions before have become.
RENAMED = {
    "config.observer.data_dir": "nothing: the observer needs no folder",
}
_SECRETS = {
    "kafka.sasl_password": "kafka.security.sasl.existingSecret",
    "store.postgres.dsn": "store.postgres.existingSecret and dsnKey",
    "store.postgres.read_dsn": "store.postgres.readDsnKey",
    "judges.store.postgres.dsn": "judgeStore.postgres.existingSecret and dsnKey",
    "judges.nonce_secret": "secrets.judgeNonce.existingSecret",
    "openai.api_key": "secrets.openaiApiKey.existingSecret",
    "evidence.store.postgres.dsn": "evidence.postgres.existingSecret and dsnKey",
    "sdk.token": "jobs.client.token.existingSecret",
}
_ELSEWHERE = "scorerDefaults.extraEnv, from a Secret of yours"


def moved() -> dict[str, str]:
    """By the dotted name that somebody may still use: what to set instead."""
    found = {f"config.{name}": instead for name, instead in DECIDED.items()}
    for name in secrets():
        found[f"config.{name}"] = _SECRETS.get(name, _ELSEWHERE)
    return dict(sorted((found | RENAMED).items()))


def moved_file() -> str:
    """As the chart reads it, names without the first part."""
    return yaml.safe_dump(moved(), width=1_000)


def admitted(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of `config` with places for them, so that the chart and not the schema refuses."""
    for name, instead in moved().items():
        *parents, last = name.split(".")[1:]
        at = schema
        for parent in parents:
            section = {"type": "object", "additionalProperties": False, "properties": {}}
            at = at["properties"].setdefault(parent, section)
        at["properties"][last] = {"deprecated": True, "description": f"Moved: set {instead}."}
    return schema

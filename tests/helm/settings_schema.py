"""The schema of `config` from the settings model, without what the chart itself decides."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from plimsoll.settings.fields import every_setting
from plimsoll.settings.model import Settings

# What the values besides `config` decide: addresses, ports, files that are mounted, the store.
DECIDED = frozenset(
    {
        "kafka.bootstrap_servers",
        "kafka.security_protocol",
        "kafka.sasl_mechanism",
        "kafka.sasl_username",
        "kafka.sasl_password_file",
        "kafka.ssl_cafile",
        "kafka.ssl_certfile",
        "kafka.ssl_keyfile",
        "kafka.aws_region",
        "scorer.group_id",
        "scorer.plan_file",
        "scorer.drain_timeout_s",
        "scorer.telemetry_port",
        "indexer.telemetry_port",
        "query.listen",
        "query.health_listen",
        "query.drain_timeout_s",
        "query.telemetry_port",
        "observer.drain_timeout_s",
        "observer.telemetry_port",
        "access.certfile",
        "access.keyfile",
        "access.client_cafile",
        "sdk.query",
        "sdk.tls",
        "sdk.tls_cafile",
        "sdk.tls_certfile",
        "sdk.tls_keyfile",
        "sdk.token_file",
        "store.kind",
        "store.path",
        "store.postgres.password_file",
        "watched_secrets",
        "evidence.keys_file",
        "evidence.store.kind",
        "evidence.store.postgres.password_file",
        "judges.path",
        "judges.store.kind",
        "judges.store.postgres.password_file",
    }
)


def secrets() -> frozenset[str]:
    """Settings whose value is never shown; none of them is a value of the chart."""
    return frozenset(setting.name for setting in every_setting(Settings) if setting.secret)


def settings_schema() -> dict[str, Any]:
    """The schema of `config`: every setting that is neither secret nor decided elsewhere."""
    whole = Settings.model_json_schema()
    return _section(Settings, whole, whole["$defs"], "", DECIDED | secrets())


def _section(
    model: type[BaseModel],
    schema: dict[str, Any],
    defs: dict[str, Any],
    prefix: str,
    left_out: frozenset[str],
) -> dict[str, Any]:
    properties = {}
    for name, said in schema["properties"].items():
        full = f"{prefix}{name}"
        kind = model.model_fields[name].annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            inner = _section(kind, defs[kind.__name__], defs, f"{full}.", left_out)
            if inner["properties"]:
                properties[name] = inner
        elif full not in left_out:
            properties[name] = _plain(said, defs)
    about = (model.__doc__ or "").partition("\n")[0]
    return {
        "description": about,
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def _plain(said: Any, defs: dict[str, Any]) -> Any:
    """Without references, titles, defaults and formats that only pydantic knows."""
    if isinstance(said, list):
        return [_plain(one, defs) for one in said]
    if not isinstance(said, dict):
        return said
    if "$ref" in said:
        target = defs[said["$ref"].rpartition("/")[2]]
        kept = {key: value for key, value in said.items() if key != "$ref"}
        return _plain({**target, **kept}, defs)
    dropped = {"title", "default", "format", "writeOnly"}
    return {key: _plain(value, defs) for key, value in said.items() if key not in dropped}

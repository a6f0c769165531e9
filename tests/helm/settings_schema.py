"""The schema of `config` from the settings model, without what the chart itself decides."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from pydantic import BaseModel

from plimsoll.settings.fields import every_setting
from plimsoll.settings.model import Settings

# What the values besides `config` decide: addresses, ports, files that are mounted, the store; and
# by which of them.
DECIDED = {
    "kafka.bootstrap_servers": "kafka.bootstrapServers",
    "kafka.security_protocol": "kafka.security.mode",
    "kafka.sasl_mechanism": "kafka.security.mode and sasl.mechanism",
    "kafka.sasl_username": "kafka.security.sasl.username",
    "kafka.sasl_password_file": "kafka.security.sasl.existingSecret",
    "kafka.ssl_cafile": "kafka.security.caSecret",
    "kafka.ssl_certfile": "kafka.security.mtls",
    "kafka.ssl_keyfile": "kafka.security.mtls",
    "kafka.aws_region": "kafka.security.mskIam.region",
    "scorer.group_id": "scorers.<pool>.group",
    "scorer.plan_file": "plan",
    "scorer.drain_timeout_s": "scorers.<pool>.drainSeconds",
    "scorer.telemetry_port": "ports.metrics",
    "indexer.telemetry_port": "ports.metrics",
    "query.listen": "ports.grpc",
    "query.health_listen": "ports.health",
    "query.drain_timeout_s": "query.drainSeconds",
    "query.telemetry_port": "ports.metrics",
    "observer.drain_timeout_s": "observer.drainSeconds",
    "observer.telemetry_port": "ports.metrics",
    "access.certfile": "query.tls",
    "access.keyfile": "query.tls",
    "access.client_cafile": "query.tls.clientCASecret",
    "sdk.query": "query.service.port",
    "sdk.tls": "query.tls.mode",
    "sdk.tls_cafile": "query.tls.caKey",
    "sdk.tls_certfile": "jobs.client.certificate",
    "sdk.tls_keyfile": "jobs.client.certificate",
    "sdk.token_file": "jobs.client.token",
    "store.kind": "store.type",
    "store.path": "store.sqlite",
    "store.postgres.password_file": "store.postgres.passwordKey",
    "store.postgres.aws_iam_region": "store.postgres.awsIamRegion",
    "watched_secrets": "secrets.watch",
    "evidence.keys_file": "evidence.masterKeys",
    "evidence.store.kind": "evidence.postgres",
    "evidence.store.postgres.password_file": "evidence.postgres.passwordKey",
    "evidence.store.postgres.aws_iam_region": "evidence.postgres.awsIamRegion",
    "judges.path": "judgeStore",
    "judges.store.kind": "judgeStore.type",
    "judges.store.postgres.password_file": "judgeStore.postgres.passwordKey",
    "judges.store.postgres.aws_iam_region": "judgeStore.postgres.awsIamRegion",
}


def secrets() -> frozenset[str]:
    """Settings whose value is never shown; none of them is a value of the chart."""
    return frozenset(setting.name for setting in every_setting(Settings) if setting.secret)


def settings_schema() -> dict[str, Any]:
    """The schema of `config`: every setting that is neither secret nor decided elsewhere."""
    whole = Settings.model_json_schema()
    return _section(Settings, whole, whole["$defs"], "", DECIDED.keys() | secrets())


def _section(
    model: type[BaseModel],
    schema: dict[str, Any],
    defs: dict[str, Any],
    prefix: str,
    left_out: Set[str],
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

"""Makes values.schema.json from the comments of values.yaml and the settings model."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from tests.helm.moved import admitted
from tests.helm.settings_schema import settings_schema
from tests.helm.values_file import CHART, Value, values

_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
# What a comment may say besides JSON Schema's own words.
_OWN = {"settings", "workload", "component", "pools", "alerts", "k8s"}
_NAME = "^[a-z]([a-z0-9-]*[a-z0-9])?$"
_PROFILE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["type"],
    "properties": {
        "type": {"enum": ["RuntimeDefault", "Localhost"]},
        "localhostProfile": {"type": "string", "minLength": 1},
    },
}
_USER = {"type": "integer", "minimum": 1}
# The `restricted` Pod Security Standard leaves no other choice.
_KUBERNETES: dict[str, dict[str, Any]] = {
    "podSecurityContext": {
        "runAsNonRoot": {"const": True},
        "runAsUser": _USER,
        "runAsGroup": _USER,
        "fsGroup": _USER,
        "fsGroupChangePolicy": {"enum": ["OnRootMismatch", "Always"]},
        "supplementalGroups": {"type": "array", "items": _USER},
        "seccompProfile": _PROFILE,
        "appArmorProfile": _PROFILE,
    },
    "securityContext": {
        "allowPrivilegeEscalation": {"const": False},
        "readOnlyRootFilesystem": {"const": True},
        "capabilities": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"drop": {"const": ["ALL"]}},
        },
        "seccompProfile": _PROFILE,
        "appArmorProfile": _PROFILE,
    },
    "resources": {
        "requests": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
        "limits": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
    },
}


def values_schema() -> str:
    """The file's text."""
    definitions = {"settings": admitted(settings_schema()), "alerts": _alerts()}
    properties: dict[str, Any] = {}
    for value in values():
        schema = _schema(value)
        if value.bounds.get("workload"):
            definitions["workload"] = schema
            schema = {"$ref": "#/$defs/workload"}
        if value.name == "scorerDefaults":
            # A pool that is null is taken away.
            definitions["pool"] = {**schema, "type": ["object", "null"]}
            schema = {"$ref": "#/$defs/pool"}
        properties[value.name] = schema
    # What parent charts set for their conditions.
    properties["enabled"] = {"type": "boolean"}
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Values of the chart plimsoll",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "$defs": definitions,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _schema(value: Value) -> dict[str, Any]:
    bounds = {key: said for key, said in value.bounds.items() if key not in _OWN}
    words = {"description": value.says} if value.says else {}
    for shared in ("settings", "alerts"):
        if value.bounds.get(shared):
            return {"$ref": f"#/$defs/{shared}"}
    if value.bounds.get("pools"):
        pools = {"$ref": "#/$defs/pool"}
        names = {"pattern": _NAME}
        return {
            **words,
            "type": "object",
            "propertyNames": names,
            "additionalProperties": pools,
        }
    if not isinstance(value.default, dict):
        kind = {} if value.default is None else {"type": _KINDS[type(value.default)]}
        return {**words, **kind, **bounds}
    return {**words, "type": "object", "additionalProperties": False, **_inside(value), **bounds}


def _inside(value: Value) -> dict[str, Any]:
    """The properties of an object; none where its bounds say what may stand in it."""
    if "k8s" in value.bounds:
        return {"properties": _KUBERNETES[value.bounds["k8s"]]}
    if not value.children:
        return {}
    inner = {child.path[-1]: _schema(child) for child in value.children}
    if value.bounds.get("component"):
        inner = {**_workload(), **inner}
    return {"properties": inner}


def _workload() -> dict[str, Any]:
    """What every component may say over `workload`."""
    (workload,) = (value for value in values() if value.bounds.get("workload"))
    names = [child.path[-1] for child in workload.children]
    return {name: {"$ref": f"#/$defs/workload/properties/{name}"} for name in names}


def _alerts() -> dict[str, Any]:
    """Every alert of the rules by name, with a threshold where it ends in a number."""
    properties = {}
    for rule in alerts():
        inner: dict[str, Any] = {
            "enabled": {"type": "boolean"},
            "for": {"type": "string", "pattern": "^[0-9]+(s|m|h|d)$"},
            "severity": {"type": "string", "minLength": 1},
        }
        if re.search(r" [0-9.]+\s*$", rule["expr"]):
            inner["threshold"] = {"type": "number"}
        properties[rule["alert"]] = {
            "type": "object",
            "additionalProperties": False,
            "properties": inner,
        }
    return {"type": "object", "additionalProperties": False, "properties": properties}


def alerts() -> list[dict[str, Any]]:
    """The alerts of the chart's rules, in their order."""
    found = []
    for path in sorted((CHART / "files" / "rules").glob("*.yaml")):
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            found += [rule for rule in group["rules"] if "alert" in rule]
    return found

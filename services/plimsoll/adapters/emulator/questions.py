"""A request of Converse, as far as the emulator's answer depends on it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# About what tokenizers count of English.
_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Question:
    """`tool` is empty without one, `plain` without any form; `cached_tokens` up to a point."""

    model: str
    digest: str
    asked: str
    tool: str
    schema: Mapping[str, Any]
    max_tokens: int
    input_tokens: int
    cached_tokens: int
    prefix: str
    tier: str
    parameters: frozenset[str]
    plain: bool


def read_question(model: str, body: Mapping[str, Any]) -> Question:
    """Reads a body that has been held against the service's model."""
    system = body.get("system", [])
    before, points = _before_cache_point(system)
    tool, schema = _form(body)
    texts = [block.get("text", "") for m in body.get("messages", []) for block in m["content"]]
    canonical = json.dumps([model, body], sort_keys=True)
    prefix = json.dumps([body.get("toolConfig"), before], sort_keys=True)
    total = tokens(json.dumps([body.get("toolConfig"), system])) + tokens("".join(texts))
    return Question(
        model=model,
        digest=hashlib.sha256(canonical.encode()).hexdigest(),
        asked="\n".join([*(block.get("text", "") for block in system), *texts]),
        tool=tool,
        schema=schema,
        # What Bedrock reserves for a call that sets no bound.
        max_tokens=int(body.get("inferenceConfig", {}).get("maxTokens", 64_000)),
        input_tokens=total,
        cached_tokens=tokens(prefix) if points else 0,
        prefix=hashlib.sha256(prefix.encode()).hexdigest(),
        tier=body.get("serviceTier", {}).get("type", ""),
        parameters=frozenset(_names(body)),
        plain=not tool and not schema,
    )


def tokens(text: str) -> int:
    """How many tokens a text counts here."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


def _before_cache_point(system: list[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], int]:
    for index, block in enumerate(system):
        if "cachePoint" in block:
            return system[:index], 1
    return [], 0


def _form(body: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The tool's name and schema, or the schema of the text that is asked for."""
    for tool in body.get("toolConfig", {}).get("tools", []):
        if "toolSpec" in tool:
            return tool["toolSpec"]["name"], tool["toolSpec"]["inputSchema"].get("json", {})
    structure = body.get("outputConfig", {}).get("textFormat", {}).get("structure", {})
    text = structure.get("jsonSchema", {}).get("schema", "{}")
    try:
        schema = json.loads(text)
    except ValueError:
        schema = {}
    return "", schema if isinstance(schema, dict) else {}


def _names(value: object) -> set[str]:
    """Every name of a member, wherever it stands; schemas of tools apart."""
    if isinstance(value, dict):
        found = set(value)
        for name, inner in value.items():
            if name not in {"inputSchema", "requestMetadata"}:
                found |= _names(inner)
        return found
    if isinstance(value, list):
        return set().union(*map(_names, value)) if value else set()
    return set()

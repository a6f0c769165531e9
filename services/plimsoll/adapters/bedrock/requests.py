"""What is sent: a judge's call in the words of Converse, as far as the model takes it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from plimsoll.adapters.bedrock.models import ModelRow
from plimsoll.domain.judging import JudgeCall, Parameter
from plimsoll.domain.result import Pairs
from plimsoll.settings.judges import CacheTtl, ServiceTier

# Fewer than a tokenizer counts of English, so that a cache point is not set too early.
_CHARACTERS_PER_TOKEN = 4
_NOT_TAKEN = re.compile(r"[^a-zA-Z0-9\s:_@$#=/+,.-]", re.ASCII)
_LONGEST_METADATA = 256
_MOST_METADATA = 16


@dataclass(frozen=True, slots=True)
class Prepared:
    """Arguments of `converse`, what of the call they use, and what they had to leave out.

    `tool` is the name of the tool that has to be called; empty where JSON has to be written, or
    where `plain` text is.
    """

    arguments: Mapping[str, Any]
    tool: str
    sent: tuple[Parameter, ...]
    dropped: tuple[Parameter, ...]
    cache_ttl: CacheTtl = CacheTtl.OFF
    plain: bool = False


class _Choice:
    """Goes through what a call may use, and keeps count of what is used and what is not."""

    def __init__(self, call: JudgeCall, row: ModelRow) -> None:
        self._refused = frozenset(call.dropped)
        self._row = row
        self.sent: set[Parameter] = set()
        self.dropped: set[Parameter] = set()

    def use(self, parameter: Parameter, *, known: bool, asked: bool = True) -> bool:
        """Whether to send it: the model is `known` to take it and has not refused it."""
        refused = parameter in self._refused
        if known and not refused:
            self.sent.add(parameter)
            return True
        if refused if known else asked:
            self.dropped.add(parameter)
        return False


def prepare(call: JudgeCall, row: ModelRow, tier: ServiceTier, ttl: CacheTtl) -> Prepared:
    """The arguments of one call of `converse`."""
    choice = _Choice(call, row)
    arguments: dict[str, Any] = {
        "modelId": call.model,
        "messages": _turns(call),
        "inferenceConfig": {"maxTokens": call.max_output_tokens},
    }
    tool = _add_form(arguments, call, row, choice)
    used_ttl = _add_system(arguments, call, row, choice, ttl)
    if call.temperature is not None and choice.use(Parameter.TEMPERATURE, known=row.temperature):
        arguments["inferenceConfig"]["temperature"] = call.temperature
    if tier is not ServiceTier.DEFAULT and choice.use(
        Parameter.SERVICE_TIER, known=tier.value in row.tiers
    ):
        arguments["serviceTier"] = {"type": tier.value}
    metadata = _metadata(call.metadata)
    if metadata and choice.use(Parameter.METADATA, known=True):
        arguments["requestMetadata"] = metadata
    return Prepared(
        arguments,
        tool,
        tuple(sorted(choice.sent)),
        tuple(sorted(choice.dropped)),
        used_ttl,
        plain=call.form is None,
    )


def _turns(call: JudgeCall) -> list[dict[str, Any]]:
    """Messages of which no two that follow each other have one role: Converse takes no other."""
    turns: list[dict[str, Any]] = []
    for role, text in (*call.before, ("user", call.material)):
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"].append({"text": text})
        else:
            turns.append({"role": role, "content": [{"text": text}]})
    return turns


def _add_form(arguments: dict[str, Any], call: JudgeCall, row: ModelRow, choice: _Choice) -> str:
    """Asks for the verdict: by a forced tool, by a schema, or by a tool that is only offered."""
    form = call.form
    if form is None:
        return ""
    # A schema does as well as a forced tool: only a tool that is merely offered is less than asked.
    forced = choice.use(Parameter.FORCED_TOOL, known=row.forced_tool, asked=not row.json_schema)
    if not forced and choice.use(Parameter.JSON_SCHEMA, known=row.json_schema, asked=False):
        definition = {"schema": form.schema, "name": form.name}
        if form.description:
            definition["description"] = form.description
        arguments["outputConfig"] = {
            "textFormat": {"type": "json_schema", "structure": {"jsonSchema": definition}}
        }
        return ""
    tool: dict[str, Any] = {"name": form.name, "inputSchema": {"json": _schema(form.schema)}}
    if form.description:
        tool["description"] = form.description
    if choice.use(Parameter.STRICT, known=row.strict, asked=False):
        tool["strict"] = True
    tools: dict[str, Any] = {"tools": [{"toolSpec": tool}]}
    if forced:
        tools["toolChoice"] = {"tool": {"name": form.name}}
    arguments["toolConfig"] = tools
    return form.name


def _add_system(
    arguments: dict[str, Any], call: JudgeCall, row: ModelRow, choice: _Choice, ttl: CacheTtl
) -> CacheTtl:
    """The stable part, and a cache point behind it where the model would heed one."""
    if not call.system:
        return CacheTtl.OFF
    blocks: list[dict[str, Any]] = [{"text": call.system}]
    arguments["system"] = blocks
    schema = "" if call.form is None else call.form.schema
    tokens = (len(call.system) + len(schema)) // _CHARACTERS_PER_TOKEN
    enough = row.cache_min_tokens is not None and tokens >= row.cache_min_tokens
    if ttl is CacheTtl.OFF or not enough or not choice.use(Parameter.CACHE, known=True):
        return CacheTtl.OFF
    point: dict[str, Any] = {"type": "default"}
    used = CacheTtl.FIVE_MINUTES
    if ttl is CacheTtl.ONE_HOUR and choice.use(Parameter.CACHE_TTL, known=row.cache_1h):
        used = CacheTtl.ONE_HOUR
        point["ttl"] = used.value
    blocks.append({"cachePoint": point})
    return used


def _metadata(pairs: Pairs) -> dict[str, str]:
    """As Bedrock takes it: it is for logs, so that what does not fit is made to fit."""
    named = [(_NOT_TAKEN.sub("_", name), _NOT_TAKEN.sub("_", value)) for name, value in pairs]
    kept = [(name[:_LONGEST_METADATA], value[:_LONGEST_METADATA]) for name, value in named if name]
    return dict(kept[:_MOST_METADATA])


@lru_cache(maxsize=256)
def _schema(text: str) -> object:
    """Read once a form: botocore copies what it sends, and nobody here changes it."""
    found: object = json.loads(text)
    return found

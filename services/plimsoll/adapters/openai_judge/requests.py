"""What is sent: a judge's call as a body of chat completions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from plimsoll.domain.judging import JudgeCall, Parameter
from plimsoll.settings.judges import OpenAiForm, OpenAiSettings


@dataclass(frozen=True, slots=True)
class Prepared:
    """A body, what of the call it uses, and what it had to leave out.

    `tool` is the name of the tool that has to be called; empty where JSON has to be written.
    """

    body: bytes
    tool: str
    sent: tuple[Parameter, ...]
    dropped: tuple[Parameter, ...]


def prepare(call: JudgeCall, settings: OpenAiSettings) -> Prepared:
    """The body of one request."""
    sent: list[Parameter] = []
    dropped: list[Parameter] = []

    def use(parameter: Parameter, *, known: bool = True, asked: bool = True) -> bool:
        used = known and parameter not in call.dropped
        if used or asked:
            (sent if used else dropped).append(parameter)
        return used

    messages = [{"role": "system", "content": call.system}] if call.system else []
    body: dict[str, Any] = {
        "model": call.model,
        "messages": [*messages, {"role": "user", "content": call.material}],
        settings.token_limit.value: call.max_output_tokens,
    }
    tool = ""
    as_schema = settings.form is OpenAiForm.JSON_SCHEMA
    if use(Parameter.JSON_SCHEMA, known=as_schema, asked=as_schema):
        body["response_format"] = _response_format(call, strict=use(Parameter.STRICT))
    else:
        tool = call.form.name
        body["tools"] = [_tool(call, strict=use(Parameter.STRICT))]
        if use(Parameter.FORCED_TOOL):
            body["tool_choice"] = {"type": "function", "function": {"name": tool}}
    if call.temperature is not None and use(Parameter.TEMPERATURE, known=settings.temperature):
        body["temperature"] = call.temperature
    if settings.top_logprobs and use(Parameter.LOGPROBS):
        body["logprobs"] = True
        body["top_logprobs"] = settings.top_logprobs
    if call.metadata:
        # Endpoints differ in what they make of it, from nothing to an error.
        dropped.append(Parameter.METADATA)
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Prepared(
        text.encode("utf-8", "replace"), tool, tuple(sorted(sent)), tuple(sorted(dropped))
    )


def _tool(call: JudgeCall, *, strict: bool) -> dict[str, Any]:
    function = {
        "name": call.form.name,
        "description": call.form.description,
        "parameters": json.loads(call.form.schema),
    }
    return {"type": "function", "function": {**function, **_strict(strict)}}


def _response_format(call: JudgeCall, *, strict: bool) -> dict[str, Any]:
    schema = {"name": call.form.name, "schema": json.loads(call.form.schema), **_strict(strict)}
    return {"type": "json_schema", "json_schema": schema}


def _strict(wanted: bool) -> dict[str, bool]:  # noqa: FBT001 - a fact, no switch
    return {"strict": True} if wanted else {}

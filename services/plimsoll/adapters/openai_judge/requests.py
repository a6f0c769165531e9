"""What is sent: a judge's call as a body of chat completions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from plimsoll.domain.judging import JudgeCall, Parameter, VerdictForm
from plimsoll.settings.judges import OpenAiForm, OpenAiSettings


@dataclass(frozen=True, slots=True)
class Prepared:
    """A body, what of the call it uses, and what it had to leave out.

    `tool` is the name of the tool that has to be called; empty where JSON has to be written, or
    where `plain` text is.
    """

    body: bytes
    tool: str
    sent: tuple[Parameter, ...]
    dropped: tuple[Parameter, ...]
    plain: bool = False


class _Choice:
    """Keeps count of what a call uses, and of what it asked for and does not use."""

    def __init__(self, call: JudgeCall) -> None:
        self._refused = call.dropped
        self.sent: list[Parameter] = []
        self.dropped: list[Parameter] = []

    def use(self, parameter: Parameter, *, known: bool = True, asked: bool = True) -> bool:
        """Whether to send it."""
        used = known and parameter not in self._refused
        if used or asked:
            (self.sent if used else self.dropped).append(parameter)
        return used


def prepare(call: JudgeCall, settings: OpenAiSettings) -> Prepared:
    """The body of one request."""
    choice = _Choice(call)
    messages = [{"role": "system", "content": call.system}] if call.system else []
    turns = (*call.before, ("user", call.material))
    body: dict[str, Any] = {
        "model": call.model,
        "messages": [*messages, *({"role": role, "content": text} for role, text in turns)],
        settings.token_limit.value: call.max_output_tokens,
    }
    tool = "" if call.form is None else _add_form(body, call.form, settings, choice)
    if call.temperature is not None and choice.use(
        Parameter.TEMPERATURE, known=settings.temperature
    ):
        body["temperature"] = call.temperature
    if settings.top_logprobs and choice.use(Parameter.LOGPROBS):
        body["logprobs"] = True
        body["top_logprobs"] = settings.top_logprobs
    if call.metadata:
        # Endpoints differ in what they make of it, from nothing to an error.
        choice.dropped.append(Parameter.METADATA)
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Prepared(
        text.encode("utf-8", "replace"),
        tool,
        tuple(sorted(choice.sent)),
        tuple(sorted(choice.dropped)),
        plain=call.form is None,
    )


def _add_form(
    body: dict[str, Any], form: VerdictForm, settings: OpenAiSettings, choice: _Choice
) -> str:
    """Asks for the verdict; gives the name of the tool that has to be called, if one has."""
    as_schema = settings.form is OpenAiForm.JSON_SCHEMA
    if choice.use(Parameter.JSON_SCHEMA, known=as_schema, asked=as_schema):
        body["response_format"] = _response_format(form, strict=choice.use(Parameter.STRICT))
        return ""
    body["tools"] = [_tool(form, strict=choice.use(Parameter.STRICT))]
    if choice.use(Parameter.FORCED_TOOL):
        body["tool_choice"] = {"type": "function", "function": {"name": form.name}}
    return form.name


def _tool(form: VerdictForm, *, strict: bool) -> dict[str, Any]:
    function = {
        "name": form.name,
        "description": form.description,
        "parameters": json.loads(form.schema),
    }
    return {"type": "function", "function": {**function, **_strict(strict)}}


def _response_format(form: VerdictForm, *, strict: bool) -> dict[str, Any]:
    schema = {"name": form.name, "schema": json.loads(form.schema), **_strict(strict)}
    return {"type": "json_schema", "json_schema": schema}


def _strict(wanted: bool) -> dict[str, bool]:  # noqa: FBT001 - a fact, no switch
    return {"strict": True} if wanted else {}

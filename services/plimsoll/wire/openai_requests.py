"""What a request to OpenAI or an imitator of it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plimsoll.domain.result import (
    LEFT_OUT,
    TOOL_DEFINITIONS,
    Expectations,
    GenAi,
    Message,
    Pairs,
    ToolCall,
)
from plimsoll.wire.loose import field, integer, items, number, text, written

_ROLES = {"developer": "system", "function": "tool"}


def gen_ai_of(answer: object, request: object, provider: str) -> GenAi:
    """Facts of the model; the request goes before what a `responses` answer repeats of it."""
    asked = _first_number
    return GenAi(
        provider_name=provider,
        request_model=text(request, "model"),
        response_model=text(answer, "model"),
        response_id=text(answer, "id"),
        request_temperature=asked("temperature", request, answer),
        request_top_p=asked("top_p", request, answer),
        request_top_k=asked("top_k", request),
        request_max_tokens=_max_tokens(request, answer),
        request_seed=integer(request, "seed"),
        request_choice_count=integer(request, "n"),
        output_type=_output_type(_format(request, answer)),
    )


def expectations_of(answer: object, request: object) -> Expectations | None:
    """The JSON schema that the answer was held to, where there was one."""
    wanted = _format(request, answer)
    # Chat completions wrap it once more than responses do.
    schema = field(field(wanted, "json_schema"), "schema") or field(wanted, "schema")
    return None if schema is None else Expectations(json_schema=written(schema))


def messages_of(entries: Sequence[object]) -> tuple[Message, ...]:
    """Messages of a chat, and items of a `responses` input."""
    return tuple(_message(entry) for entry in entries)


def attributes_of(answer: object, request: object, entries: Sequence[object]) -> Pairs:
    """Definitions of tools, and which kinds of content were left out; in the order of keys."""
    tools = items(request, "tools") or items(answer, "tools")
    kinds = sorted(set(_without_text(entries)))
    found = [(TOOL_DEFINITIONS, written(tools))] if tools else []
    return (*found, (LEFT_OUT, ",".join(kinds))) if kinds else tuple(found)


def joined_text(content: object, between: str = "\n") -> str:
    """The text of a content: itself, or its parts'."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list | tuple):
        return ""
    parts = (part if isinstance(part, str) else text(part, "text") for part in content)
    return between.join(part for part in parts if part)


def tool_call_of(call: object) -> ToolCall:
    """A call as chat completions nest it, or flat as in `responses`."""
    function = field(call, "function") or field(call, "custom") or call
    arguments = field(function, "arguments")
    if arguments is None:
        arguments = field(function, "input")
    name, identity = text(function, "name"), text(call, "call_id") or text(call, "id")
    if arguments is None:
        return ToolCall(identity, name, "")
    return ToolCall(identity, name, arguments if isinstance(arguments, str) else written(arguments))


def _message(entry: object) -> Message:
    kind = text(entry, "type")
    if kind in {"function_call", "custom_tool_call"}:
        return Message("assistant", tool_calls=(tool_call_of(entry),))
    if kind in {"function_call_output", "custom_tool_call_output"}:
        output = joined_text(field(entry, "output"))
        return Message("tool", output, tool_call_id=text(entry, "call_id"))
    role = text(entry, "role")
    return Message(
        _ROLES.get(role, role),
        joined_text(field(entry, "content")),
        tuple(tool_call_of(call) for call in items(entry, "tool_calls")),
        text(entry, "tool_call_id"),
    )


def _without_text(entries: Sequence[object]) -> Iterator[str]:
    for entry in entries:
        for part in items(entry, "content"):
            if not isinstance(part, str) and not text(part, "text"):
                yield text(part, "type") or "unknown"


def _first_number(name: str, *sources: object) -> float | None:
    found = (number(source, name) for source in sources)
    return next((value for value in found if value is not None), None)


def _max_tokens(request: object, answer: object) -> int | None:
    for name in ("max_completion_tokens", "max_output_tokens", "max_tokens"):
        for source in (request, answer):
            value = integer(source, name)
            if value is not None:
                return value
    return None


def _format(request: object, answer: object) -> object:
    asked = field(request, "response_format") or field(field(request, "text"), "format")
    return asked or field(field(answer, "text"), "format")


def _output_type(wanted: object) -> str:
    kind = text(wanted, "type")
    return "json" if kind.startswith("json") else kind

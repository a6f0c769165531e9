"""Answers of OpenAI's client become results, from dictionaries and objects alike."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import Message, SampledBy, ToolCall, Usage
from plimsoll.wire.openai import result_from_openai

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


def chat(**changes: Any) -> dict[str, Any]:
    """A chat completion."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_764_000_000,
        "model": "gpt-4.1-2025-04-14",
        "choices": [choice("Paris")],
        "usage": {
            "prompt_tokens": 9,
            "completion_tokens": 2,
            "completion_tokens_details": {"reasoning_tokens": 0},
        },
        **changes,
    }


def choice(content: str | None, index: int = 0, **changes: Any) -> dict[str, Any]:
    """One choice of a chat completion."""
    message = {"role": "assistant", "content": content, **changes.pop("message", {})}
    return {"index": index, "message": message, "finish_reason": "stop", **changes}


def logprob(token: str, value: float | None, top: tuple[tuple[str, float], ...] = ()) -> Any:
    """One entry of `logprobs.content`."""
    alternatives = [{"token": t, "logprob": v, "bytes": None} for t, v in top]
    return {"token": token, "logprob": value, "bytes": None, "top_logprobs": alternatives}


def as_object(value: Any) -> Any:
    """The same as a client library's objects, read by attribute."""
    if isinstance(value, dict):
        return SimpleNamespace(**{name: as_object(inner) for name, inner in value.items()})
    return [as_object(inner) for inner in value] if isinstance(value, list) else value


def test_a_chat_completion_becomes_a_result() -> None:
    """Text, finish reason, usage, model, time and parameters come along."""
    request = {
        "model": "gpt-4.1",
        "messages": [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Capital of France?"}]},
        ],
        "temperature": 0.7,
        "top_p": 0.9,
        "max_completion_tokens": 50,
        "seed": 7,
    }
    result = result_from_openai(chat(), request)
    assert str(result.key) == "default/chatcmpl-1"
    assert (result.response.text, result.response.finish_reason) == ("Paris", "stop")
    assert result.messages == (
        Message("system", "Be brief."),
        Message("user", "Capital of France?"),
    )
    assert result.usage == Usage(9, 2, 0)
    assert result.create_time == datetime.fromtimestamp(1_764_000_000, UTC)
    facts = result.gen_ai
    assert (facts.provider_name, facts.request_model) == ("openai", "gpt-4.1")
    assert (facts.response_model, facts.response_id) == ("gpt-4.1-2025-04-14", "chatcmpl-1")
    assert (facts.request_temperature, facts.request_top_p) == (0.7, 0.9)
    assert (facts.request_max_tokens, facts.request_seed) == (50, 7)


def test_objects_read_as_dictionaries_do() -> None:
    """A client's objects give the same result as the dictionaries they were made from."""
    request = {"model": "m", "messages": [{"role": "user", "content": "?"}]}
    answer = chat(choices=[choice("Paris", logprobs={"content": [logprob("Paris", -0.1)]})])
    from_objects = result_from_openai(as_object(answer), as_object(request))
    assert from_objects == result_from_openai(answer, request)


def test_logprobs_become_columns() -> None:
    """Tokens, log-probabilities and top alternatives stand in columns, best first."""
    entries = [
        logprob("Par", -0.5, (("Lon", -1.5), ("Par", -0.5))),
        logprob("is", -0.1, (("is", -0.1), ("don", -3.0))),
    ]
    tokens = result_from_openai(
        chat(choices=[choice("Paris", logprobs={"content": entries})])
    ).response.tokens
    assert tokens is not None
    assert tokens.texts == ("Par", "is")
    assert tokens.logprobs == (-0.5, -0.1)
    assert (tokens.top_k, tokens.top_counts) == (2, ())
    assert tokens.top_logprobs == (-0.5, -1.5, -0.1, -3.0)
    assert tokens.top_texts == ("Par", "Lon", "is", "don")


def test_ragged_alternatives_keep_their_counts() -> None:
    """Where tokens have unlike numbers of alternatives, each says how many."""
    entries = [logprob("a", -0.5, (("a", -0.5), ("b", -1.0))), logprob("c", -0.1, (("c", -0.1),))]
    tokens = result_from_openai(
        chat(choices=[choice("ac", logprobs={"content": entries})])
    ).response.tokens
    assert tokens is not None
    assert (tokens.top_k, tokens.top_counts) == (2, (2, 1))


def test_a_token_that_was_added_to_a_list_does_not_decide_on_k() -> None:
    """A server that adds the chosen token where it is not among the best asked for no more."""
    two = (("a", -0.5), ("b", -1.0))
    usual, added = logprob("a", -0.5, two), logprob("z", -9.0, (*two, ("z", -9.0)))
    entries = [usual, added, usual]
    tokens = result_from_openai(
        chat(choices=[choice("aza", logprobs={"content": entries})])
    ).response.tokens
    assert tokens is not None
    assert (tokens.top_k, tokens.top_counts) == (2, (2, 3, 2))


@pytest.mark.parametrize("mark", [-9999.0, None])
def test_a_mark_is_no_logprob(mark: float | None) -> None:
    """The mark for "outside the top twenty" reads as -inf, which no metric takes for a number."""
    tokens = result_from_openai(
        chat(choices=[choice("x", logprobs={"content": [logprob("x", mark)]})])
    ).response.tokens
    assert tokens is not None
    assert tokens.logprobs == (-math.inf,)


def test_further_choices_are_alternatives() -> None:
    """The choice of index 0 is the response; the others are alternatives of the producer."""
    answer = chat(choices=[choice("Rome", 1, finish_reason="length"), choice("Paris", 0)])
    result = result_from_openai(answer, {"n": 2, "temperature": 1})
    assert result.response.text == "Paris"
    (other,) = result.alternatives
    assert (other.response.text, other.response.finish_reason) == ("Rome", "length")
    assert (other.sampled_by, other.temperature) == (SampledBy.PRODUCER, 1.0)
    assert result.gen_ai.request_choice_count == 2


def test_tools_come_along() -> None:
    """Definitions, calls and answers of tools are kept, arguments as the model wrote them."""
    called = {"id": "c1", "type": "function", "function": {"name": "now", "arguments": '{"a": 1}'}}
    tools = [{"type": "function", "function": {"name": "now", "parameters": {}}}]
    request = {
        "tools": tools,
        "messages": [
            {"role": "user", "content": "?"},
            {"role": "assistant", "content": None, "tool_calls": [called]},
            {"role": "tool", "tool_call_id": "c1", "content": "noon"},
        ],
    }
    answer = chat(
        choices=[choice(None, finish_reason="tool_calls", message={"tool_calls": [called]})]
    )
    result = result_from_openai(answer, request)
    expected = ToolCall("c1", "now", '{"a": 1}')
    assert result.response.tool_calls == (expected,)
    assert result.messages[1] == Message("assistant", "", (expected,))
    assert result.messages[2] == Message("tool", "noon", tool_call_id="c1")
    assert json.loads(dict(result.attributes)["gen_ai.tool.definitions"]) == tools


def test_an_older_function_call_is_a_tool_call() -> None:
    """`function_call`, from before tools had IDs, is kept."""
    message = {"function_call": {"name": "now", "arguments": "{}"}}
    result = result_from_openai(chat(choices=[choice(None, message=message)]))
    assert result.response.tool_calls == (ToolCall("", "now", "{}"),)


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
def test_reasoning_is_kept(name: str) -> None:
    """Both names that open servers give the trace are read."""
    answer = chat(choices=[choice("4", message={name: "2 and 2"})])
    assert result_from_openai(answer).response.reasoning == "2 and 2"


def test_a_refusal_says_so() -> None:
    """A refusal is the response's text, and its finish reason."""
    answer = chat(choices=[choice(None, message={"refusal": "I cannot."})])
    response = result_from_openai(answer).response
    assert (response.text, response.finish_reason) == ("I cannot.", "refusal")


def test_a_schema_is_an_expectation() -> None:
    """The schema that structured output was asked for is what the answer is held to."""
    request = {
        "response_format": {"type": "json_schema", "json_schema": {"name": "c", "schema": SCHEMA}}
    }
    result = result_from_openai(chat(), request)
    assert result.expectations is not None
    assert json.loads(result.expectations.json_schema) == SCHEMA
    assert result.gen_ai.output_type == "json"


def test_content_that_is_no_text_is_named() -> None:
    """Pictures stay behind, and an attribute says that there were some."""
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:"}},
    ]
    result = result_from_openai(chat(), {"messages": [{"role": "user", "content": parts}]})
    assert result.messages[0].text == "What is this?"
    assert result.attributes == (("plimsoll.left_out", "image_url"),)


def test_a_librarys_mark_for_not_given_is_no_number() -> None:
    """Arguments that a library marks as not given, or that are no numbers, are unknown."""
    request = {"temperature": object(), "seed": True, "n": 1.5, "top_p": math.nan, "model": None}
    facts = result_from_openai(chat(), request).gen_ai
    assert (facts.request_temperature, facts.request_seed) == (None, None)
    assert (facts.request_choice_count, facts.request_top_p) == (None, None)
    assert facts.request_model == ""


def responses(**changes: Any) -> dict[str, Any]:
    """An answer of the Responses interface."""
    said = {
        "type": "output_text",
        "text": "Paris",
        "annotations": [],
        "logprobs": [logprob("Paris", -0.2, (("Paris", -0.2),))],
    }
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_764_000_000.0,
        "status": "completed",
        "model": "gpt-5",
        "instructions": "Be brief.",
        "temperature": 1.0,
        "top_p": 1.0,
        "max_output_tokens": 100,
        "conversation": {"id": "conv_1"},
        "output": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Recalled it."}]},
            {"type": "message", "role": "assistant", "content": [said]},
        ],
        "text": {"format": {"type": "json_schema", "name": "c", "schema": SCHEMA}},
        "usage": {
            "input_tokens": 12,
            "output_tokens": 30,
            "output_tokens_details": {"reasoning_tokens": 25},
        },
        **changes,
    }


def test_a_responses_answer_becomes_a_result() -> None:
    """Text, reasoning, log-probabilities, usage and what the answer repeats of its request."""
    result = result_from_openai(responses(), {"model": "gpt-5", "input": "Capital of France?"})
    assert str(result.key) == "default/resp_1"
    assert (result.response.text, result.response.finish_reason) == ("Paris", "stop")
    assert result.response.reasoning == "Recalled it."
    assert result.response.tokens is not None
    assert result.response.tokens.logprobs == (-0.2,)
    assert result.messages == (
        Message("system", "Be brief."),
        Message("user", "Capital of France?"),
    )
    assert result.usage == Usage(12, 30, 25)
    assert result.conversation_id == "conv_1"
    assert result.gen_ai.request_temperature == 1.0
    assert result.gen_ai.request_max_tokens == 100
    assert result.expectations is not None
    assert json.loads(result.expectations.json_schema) == SCHEMA


def test_responses_input_items_become_messages() -> None:
    """Messages, calls and their outputs keep their order."""
    asked = [
        {"role": "user", "content": [{"type": "input_text", "text": "When?"}]},
        {"type": "function_call", "id": "fc", "call_id": "c1", "name": "now", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "noon"},
    ]
    result = result_from_openai(responses(instructions=None), {"input": asked})
    assert result.messages == (
        Message("user", "When?"),
        Message("assistant", "", (ToolCall("c1", "now", "{}"),)),
        Message("tool", "noon", tool_call_id="c1"),
    )


@pytest.mark.parametrize(
    ("changes", "finish_reason"),
    [
        ({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, "length"),
        (
            {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}},
            "content_filter",
        ),
        ({"status": "incomplete", "incomplete_details": None}, "incomplete"),
        (
            {"output": [{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}]},
            "tool_calls",
        ),
        (
            {
                "output": [
                    {"type": "message", "content": [{"type": "refusal", "refusal": "I cannot."}]}
                ]
            },
            "refusal",
        ),
    ],
)
def test_a_responses_answer_says_why_it_ended(changes: dict[str, Any], finish_reason: str) -> None:
    """Statuses become the finish reasons that chat completions have."""
    assert result_from_openai(responses(**changes)).response.finish_reason == finish_reason


def test_a_key_goes_before_the_answers_own_id() -> None:
    """A caller's key names the result; the provider's ID stays a fact of the model."""
    result = result_from_openai(chat(), key=ResultKey("acme", "order-1"))
    assert (str(result.key), result.gen_ai.response_id) == ("acme/order-1", "chatcmpl-1")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (chat(choices=[]), "choices is empty"),
        (responses(output=[], status="failed"), "status failed"),
        (chat(id=""), "give a key"),
        (chat(id="a b"), "give a key"),
        ({"object": "chat.completion.chunk"}, "chat.completion.chunk is neither"),
        (object(), "object is neither"),
        (None, "NoneType is neither"),
    ],
)
def test_what_is_no_answer_is_told(answer: object, said: str) -> None:
    """What cannot become a result is a ValueError that says what it lacks."""
    with pytest.raises(ValueError, match=said):
        result_from_openai(answer)

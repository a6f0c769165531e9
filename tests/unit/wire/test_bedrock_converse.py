"""Answers of Amazon Bedrock's Converse become results."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import Message, ToolCall, Usage
from plimsoll.wire.bedrock_converse import result_from_converse


def converse(*blocks: dict[str, Any], stop_reason: str = "end_turn") -> dict[str, Any]:
    """What `converse` answers."""
    return {
        "output": {"message": {"role": "assistant", "content": list(blocks)}},
        "stopReason": stop_reason,
        "usage": {"inputTokens": 11, "outputTokens": 4, "totalTokens": 15},
        "metrics": {"latencyMs": 300},
        "ResponseMetadata": {"RequestId": "3b1f-77", "HTTPStatusCode": 200},
    }


def test_a_converse_answer_becomes_a_result() -> None:
    """Text, reasoning, stop reason, usage, model and parameters come along."""
    request = {
        "modelId": "eu.amazon.nova-lite-v1:0",
        "system": [{"text": "Be brief."}],
        "messages": [{"role": "user", "content": [{"text": "Capital of France?"}]}],
        "inferenceConfig": {"temperature": 0.2, "topP": 0.9, "maxTokens": 100},
        "additionalModelRequestFields": {"top_k": 40},
    }
    thought = {"reasoningContent": {"reasoningText": {"text": "Recall it.", "signature": "s"}}}
    result = result_from_converse(converse(thought, {"text": "Paris"}), request)
    assert str(result.key) == "default/3b1f-77"
    assert (result.response.text, result.response.reasoning) == ("Paris", "Recall it.")
    assert result.response.finish_reason == "end_turn"
    assert result.response.tokens is None
    assert result.messages == (
        Message("system", "Be brief."),
        Message("user", "Capital of France?"),
    )
    assert result.usage == Usage(11, 4)
    facts = result.gen_ai
    assert (facts.provider_name, facts.request_model) == ("aws.bedrock", "eu.amazon.nova-lite-v1:0")
    assert (facts.request_temperature, facts.request_top_p) == (0.2, 0.9)
    assert (facts.request_top_k, facts.request_max_tokens) == (40.0, 100)


def test_tools_come_along() -> None:
    """Calls, their answers and the definitions of tools are kept."""
    use = {"toolUse": {"toolUseId": "t1", "name": "now", "input": {"zone": "UTC"}}}
    answered = {"toolUseId": "t1", "content": [{"json": {"hour": 12}}, {"text": "noon"}]}
    tools = [{"toolSpec": {"name": "now", "inputSchema": {"json": {"type": "object"}}}}]
    request = {
        "messages": [
            {"role": "user", "content": [{"text": "When?"}]},
            {"role": "assistant", "content": [use]},
            {"role": "user", "content": [{"toolResult": answered}]},
        ],
        "toolConfig": {"tools": tools},
    }
    result = result_from_converse(converse(use, stop_reason="tool_use"), request)
    call = ToolCall("t1", "now", '{"zone":"UTC"}')
    assert result.response.tool_calls == (call,)
    assert result.messages == (
        Message("user", "When?"),
        Message("assistant", "", (call,)),
        Message("tool", '{"hour":12}\nnoon', tool_call_id="t1"),
    )
    assert json.loads(dict(result.attributes)["gen_ai.tool.definitions"]) == tools


def test_cited_spans_are_text() -> None:
    """Text that stands in a block of citations is part of the response."""
    cited = {"citationsContent": {"content": [{"text": "Paris"}], "citations": []}}
    assert result_from_converse(converse(cited, {"text": "."})).response.text == "Paris."


def test_redacted_reasoning_is_none() -> None:
    """A trace that the provider hid leaves no text behind."""
    hidden = {"reasoningContent": {"redactedContent": b"\x00\x01"}}
    assert result_from_converse(converse(hidden, {"text": "4"})).response.reasoning == ""


def test_content_that_is_no_text_is_named() -> None:
    """Documents and pictures stay behind, and an attribute says that there were some."""
    content = [{"image": {"format": "png"}}, {"text": "?"}, {"document": {}}, {"cachePoint": {}}]
    request = {"messages": [{"role": "user", "content": content}]}
    result = result_from_converse(converse({"text": "A cat"}), request)
    assert result.attributes == (("plimsoll.left_out", "document,image"),)


def test_a_key_goes_before_the_request_id() -> None:
    """A caller's key names the result."""
    result = result_from_converse(converse({"text": "x"}), key=ResultKey("acme", "order-1"))
    assert (str(result.key), result.gen_ai.response_id) == ("acme/order-1", "3b1f-77")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({}, "output.message is not there"),
        ({"output": {"message": {"content": []}}}, "give a key"),
    ],
)
def test_what_is_no_answer_is_told(answer: object, said: str) -> None:
    """What cannot become a result is a ValueError that says what it lacks."""
    with pytest.raises(ValueError, match=said):
        result_from_converse(answer)

"""Results as producers make them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.domain import result as domain
from plimsoll.domain.identity import ResultKey
from plimsoll.sdk import LlmResult, Message, TaskKind

COMPLETION = {
    "id": "chatcmpl-1",
    "model": "m-2026",
    "choices": [{"message": {"role": "assistant", "content": "Paris"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 1},
}
REQUEST = {"model": "m", "messages": [{"role": "user", "content": "Capital of France?"}]}


def test_text_and_prompt_become_a_result() -> None:
    """The shortest way: an ID, the answer, and what was asked."""
    result = LlmResult.from_text("acme/r-1", "Paris", prompt="Capital of France?")
    assert result.key == ResultKey("acme", "r-1")
    assert result.messages == (Message("user", "Capital of France?"),)


@pytest.mark.parametrize("bad", ["", "a b", "a/b/c", "Acme/r-1"])
def test_an_id_that_is_none_is_refused(bad: str) -> None:
    """The message names what is wrong with it."""
    with pytest.raises(ValueError, match=r"result_id|tenant"):
        LlmResult.from_text(bad, "Paris")


def test_a_completion_brings_what_it_knows() -> None:
    """Text, finish reason, usage, model and messages come along; the answer's ID names it."""
    result = LlmResult.from_openai(COMPLETION, request=REQUEST)
    assert str(result.key) == "default/chatcmpl-1"
    assert result.gen_ai.request_model == "m"
    assert result.usage is not None
    assert result.usage.input_tokens == 7
    assert result.messages == (Message("user", "Capital of France?"),)


def test_a_given_id_goes_before_the_answers_own() -> None:
    """A service that has an ID of its own keeps it, tenant and all."""
    result = LlmResult.from_openai(COMPLETION, result_id="acme/order-1")
    assert result.key == ResultKey("acme", "order-1")


def test_what_is_no_answer_is_refused() -> None:
    """A dictionary without choices or output is not taken for an empty answer."""
    with pytest.raises(ValueError, match="chat completion"):
        LlmResult.from_openai({"error": {}})
    with pytest.raises(ValueError, match="Converse"):
        LlmResult.from_bedrock_converse({"message": "throttled"})


def test_more_can_be_said_of_a_result() -> None:
    """`dataclasses.replace` adds fields and keeps the class and everything else."""
    result = replace(LlmResult.from_text("r-1", "Paris"), task_kind=TaskKind.OPEN_QA)
    assert isinstance(result, LlmResult)
    assert isinstance(result, domain.LlmResult)
    assert (result.task_kind, result.response.text) == (TaskKind.OPEN_QA, "Paris")

"""A result as a producer makes it: from text, or from what a client library answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from plimsoll.domain import result as domain
from plimsoll.domain.identity import parse_key
from plimsoll.wire.bedrock_converse import result_from_bedrock_converse
from plimsoll.wire.openai import result_from_openai


@dataclass(frozen=True, slots=True)
class LlmResult(domain.LlmResult):
    """One result of a large language model with whatever its producer knows of it.

    Every field of `plimsoll.domain.result.LlmResult` may be given; `dataclasses.replace` adds to
    one that was made from text or from a client's answer.
    """

    @classmethod
    def from_text(cls, result_id: str, text: str, *, prompt: str = "") -> Self:
        """A result of a plain answer; `result_id` may be written as `tenant/result_id`.

        >>> result = LlmResult.from_text("order-4711", "Paris", prompt="Capital of France?")
        >>> str(result.key), result.response.text
        ('default/order-4711', 'Paris')
        """
        messages = (domain.Message("user", prompt),) if prompt else ()
        return cls(key=parse_key(result_id), response=domain.Response(text=text), messages=messages)

    @classmethod
    def from_openai(
        cls, answer: object, result_id: str, *, request: Mapping[str, Any] | None = None
    ) -> Self:
        """A result of a chat completion or a response of OpenAI's API, object or dictionary.

        `request` holds the call's arguments: messages and parameters come from there. Further
        choices become alternatives. ValueError says what could not be read.

        >>> answer = {"choices": [{"message": {"content": "Paris"}, "finish_reason": "stop"}]}
        >>> LlmResult.from_openai(answer, "order-4711").response.finish_reason
        'stop'
        """
        return cls.of(result_from_openai(answer, parse_key(result_id), request))

    @classmethod
    def from_bedrock_converse(
        cls, answer: object, result_id: str, *, request: Mapping[str, Any] | None = None
    ) -> Self:
        """A result of what Amazon Bedrock's `converse` answered.

        `request` holds the call's arguments. ValueError says what could not be read.

        >>> answer = {"output": {"message": {"content": [{"text": "Paris"}]}}}
        >>> LlmResult.from_bedrock_converse(answer, "acme/order-4711").response.text
        'Paris'
        """
        return cls.of(result_from_bedrock_converse(answer, parse_key(result_id), request))

    @classmethod
    def of(cls, result: domain.LlmResult) -> Self:
        """The same result as this class."""
        return cls(**{field.name: getattr(result, field.name) for field in fields(result)})

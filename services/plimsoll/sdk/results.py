"""A result as a producer makes it: from text, or from what a client library answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from plimsoll.domain import result as domain
from plimsoll.domain.identity import parse_key
from plimsoll.wire.bedrock_converse import result_from_converse
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
        cls,
        answer: object,
        *,
        request: Mapping[str, Any] | None = None,
        result_id: str = "",
        provider: str = "openai",
    ) -> Self:
        """A chat completion or a `responses` answer, as a dictionary or the client's object.

        `request` holds the arguments of the call: messages and parameters come from there. Without
        a `result_id` the answer's own ID names the result. Further choices become alternatives.
        `provider` is OpenTelemetry's name of who answered, for services that speak like OpenAI.
        ValueError says what the answer lacks.

        >>> choice = {"message": {"content": "Paris"}, "finish_reason": "stop"}
        >>> result = LlmResult.from_openai({"id": "chatcmpl-1", "choices": [choice]})
        >>> str(result.key), result.response.text, result.response.finish_reason
        ('default/chatcmpl-1', 'Paris', 'stop')
        """
        key = parse_key(result_id) if result_id else None
        return cls.of(result_from_openai(answer, request, key=key, provider=provider))

    @classmethod
    def from_bedrock_converse(
        cls, answer: object, *, request: Mapping[str, Any] | None = None, result_id: str = ""
    ) -> Self:
        """What Amazon Bedrock's `converse` answered.

        `request` holds the arguments of the call. Without a `result_id` the AWS request ID names
        the result. Converse gives no log-probabilities. ValueError says what the answer lacks.

        >>> answer = {"output": {"message": {"content": [{"text": "Paris"}]}}}
        >>> LlmResult.from_bedrock_converse(answer, result_id="acme/order-4711").response.text
        'Paris'
        """
        key = parse_key(result_id) if result_id else None
        return cls.of(result_from_converse(answer, request, key=key))

    @classmethod
    def of(cls, result: domain.LlmResult) -> Self:
        """The same result as this class."""
        return cls(**{field.name: getattr(result, field.name) for field in fields(result)})

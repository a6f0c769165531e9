"""Answers of OpenAI's client, and of what speaks like it, as results; the client is not needed."""

from __future__ import annotations

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import LlmResult
from plimsoll.wire.client_keys import key_or
from plimsoll.wire.loose import field, text
from plimsoll.wire.openai_chat import result_from_chat
from plimsoll.wire.openai_responses import result_from_responses


def result_from_openai(
    answer: object,
    request: object = None,
    *,
    key: ResultKey | None = None,
    provider: str = "openai",
) -> LlmResult:
    """A chat completion or a `responses` answer, dictionary or object, with what it answered.

    `request` is what the client was called with (a dictionary of its arguments); without it there
    are no messages. Without a `key` the answer's own ID names the result, under the tenant
    "default". Log-probabilities do not say how they were obtained, so their origin is unspecified.
    ValueError says what the answer lacks.
    """
    if field(answer, "choices") is not None:
        return result_from_chat(answer, request, key_or(key, text(answer, "id")), provider)
    if field(answer, "output") is not None:
        return result_from_responses(answer, request, key_or(key, text(answer, "id")), provider)
    kind = text(answer, "object") or type(answer).__name__
    raise ValueError(
        f"{kind[:80]} is neither a chat completion (choices) nor a response (output); "
        "a stream has to be collected first"
    )

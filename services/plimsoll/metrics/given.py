"""What a model was given, apart: the context that bears an answer, and the request it may echo."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.reading import MAX_CHARS


def request_texts(result: LlmResult) -> list[str]:
    """Texts of the request's messages; what the model itself said before is not given."""
    return [
        message.text
        for message in result.messages
        if message.text and message.role.lower() != "assistant"
    ]


def context_texts(result: LlmResult) -> list[str]:
    """Texts of the context documents, in their order; empty where one is kept elsewhere."""
    return [document.text for document in result.context]


def chars(result: LlmResult) -> int:
    """Characters of the response, of the context and of the request."""
    request = sum(len(message.text) for message in result.messages)
    return len(result.response.text) + sum(len(d.text) for d in result.context) + request


def too_large(result: LlmResult, limit: int = MAX_CHARS) -> Absence | None:
    """The absence where all of it is more than `limit` characters."""
    size = chars(result)
    if size <= limit:
        return None
    return Absence(AbsenceReason.INPUT_TOO_LARGE, f"{size} characters, {limit} allowed")

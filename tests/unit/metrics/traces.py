"""Results with a reasoning trace, made in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from plimsoll.domain.result import LlmResult, Message, Response, Tokens, Usage
from tests.unit.metrics.results import result


def traced(
    reasoning: str,
    text: str = "Paris",
    *,
    tokens: Tokens | None = None,
    usage: Usage | None = None,
    asked: str = "",
    context: Sequence[str] = (),
    language: str = "en",
) -> LlmResult:
    """A result whose response came with this trace."""
    return replace(
        result(context=context, language=language),
        response=Response(text=text, reasoning=reasoning, tokens=tokens),
        messages=(Message(role="user", text=asked),) if asked else (),
        usage=usage,
    )

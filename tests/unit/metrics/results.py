"""Results for tests of metrics, made in one line."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import (
    Alternative,
    Document,
    Expectations,
    LlmResult,
    Response,
    SampledBy,
    TaskKind,
    Tokens,
)


def result(
    text: str = "Paris",
    *,
    tokens: Tokens | None = None,
    samples: Sequence[str] = (),
    context: Sequence[str] = (),
    expectations: Expectations | None = None,
    kind: TaskKind = TaskKind.OPEN_QA,
    language: str = "en",
    finish_reason: str = "stop",
) -> LlmResult:
    """A result with just the inputs that a test is about."""
    return LlmResult(
        key=ResultKey("demo", "r-1"),
        response=Response(text=text, tokens=tokens, finish_reason=finish_reason),
        task_kind=kind,
        language=language,
        alternatives=tuple(
            Alternative(Response(sample, finish_reason="stop"), SampledBy.PRODUCER)
            for sample in samples
        ),
        context=tuple(Document(text=document) for document in context),
        expectations=expectations,
    )

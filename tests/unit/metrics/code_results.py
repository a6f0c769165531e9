"""Results that hold code, made in one line."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import (
    Alternative,
    Code,
    CodeTest,
    Document,
    LlmResult,
    Message,
    Response,
    SampledBy,
    TaskKind,
)

PROMPT = "Write f(n: int). For example, f(1) == 2"


def code_result(
    source: str,
    *samples: str,
    prompt: str = PROMPT,
    language: str = "python",
    entry_point: str = "f",
    tests: Sequence[str] = (),
    context: Sequence[str] = (),
    response: str | None = None,
) -> LlmResult:
    """A result with that code, alternatives and tests."""
    named = tuple(CodeTest(f"t{place}", test) for place, test in enumerate(tests, 1))
    return LlmResult(
        key=ResultKey("demo", "r-1"),
        response=Response(text=source if response is None else response),
        task_kind=TaskKind.CODE,
        language="en",
        messages=(Message(role="user", text=prompt),),
        context=tuple(Document(text=text) for text in context),
        alternatives=tuple(
            Alternative(Response(text=sample), sampled_by=SampledBy.PRODUCER) for sample in samples
        ),
        code=Code(source, language, entry_point, named),
    )

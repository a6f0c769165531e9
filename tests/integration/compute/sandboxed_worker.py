"""A compute process whose only metric runs a program that never ends."""

from __future__ import annotations

from plimsoll.adapters.compute import worker
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Score
from plimsoll.scorer.tools import ToolSettings, build_tools
from tests.support.sandboxes import python


def compose(settings: object) -> worker.Answer:
    """Answers at once, or once the sandbox has had enough."""
    assert isinstance(settings, ToolSettings)
    sandbox = build_tools(settings).sandbox
    assert sandbox is not None

    def answer(metric: str, _: LlmResult) -> Score:
        if metric == "endless":
            sandbox.run(python("while True: pass", "()"))
        return Score(metric, "1", outcome=1.0)

    return answer


if __name__ == "__main__":
    worker.serve(compose)

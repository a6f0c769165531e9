"""A judge with a span around each call."""

from __future__ import annotations

from plimsoll.domain.judge_errors import JudgeFaultError
from plimsoll.domain.judging import JudgeCall, JudgeReply, JudgeTraits, JudgeUsage
from plimsoll.pipeline.traced import OTHER
from plimsoll.ports.judge import JudgeModel
from plimsoll.ports.tracing import JUDGING, Facts, Span, Tracing


class TracedJudge:
    """A judge with a span around each call; texts are never in it."""

    def __init__(self, name: str, provider: str, model: JudgeModel, tracing: Tracing) -> None:
        self._name = name
        self._provider = provider
        self._model = model
        self._tracing = tracing

    def traits(self, model: str) -> JudgeTraits:
        """As the judge's."""
        return self._model.traits(model)

    async def ask(self, call: JudgeCall, deadline_s: float) -> JudgeReply:
        """As the judge's."""
        facts: Facts = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": self._provider,
            "gen_ai.request.model": call.model,
            "gen_ai.request.max_tokens": call.max_output_tokens,
            "plimsoll.judge": self._name,
        }
        span = self._tracing.begin(JUDGING, call.model, facts)
        ended = OTHER
        try:
            reply = await self._model.ask(call, deadline_s)
            ended = "" if reply.absence is None else reply.absence.reason.value
            _note_usage(span, reply.usage)
        except JudgeFaultError as error:
            ended = error.kind.value
            _note_usage(span, error.usage)
            raise
        finally:
            span.end(ended)
        return reply

    async def close(self) -> None:
        """As the judge's."""
        await self._model.close()


def _note_usage(span: Span, usage: JudgeUsage) -> None:
    known = {
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
    }
    span.note({name: tokens for name, tokens in known.items() if tokens is not None})

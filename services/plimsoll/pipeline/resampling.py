"""Draws alternatives where the producer sent none: asked, memoised and paid for like judges."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judging import JudgeTraits
from plimsoll.domain.plan import Resampling
from plimsoll.domain.result import Alternative, LlmResult
from plimsoll.judging.sampling import alternative, calls, prompt
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judge_calls import Question
from plimsoll.pipeline.jurors import AsksJudge
from plimsoll.pipeline.redaction import Redaction
from plimsoll.ports.memo import Asker

# What budgets call it, where panels have their names.
POLICY = "resampling"
_NOT_SERVED = Absence(
    AbsenceReason.NOT_CONFIGURED,
    "no judge of the settings has the model of this result; name one in `resampling`",
)


@dataclass(frozen=True, slots=True)
class Sampler:
    """A judge of the settings that answers in plain text."""

    model: str
    traits: JudgeTraits
    judge: AsksJudge


@dataclass(frozen=True, slots=True)
class Drawn:
    """Alternatives, or why there is none; what they cost (None: unknown), and a hold that ran out.

    Fewer than asked for are what they are: metrics say how many they rest on.
    """

    outcome: tuple[Alternative, ...] | Absence
    cost_usd: float | None = 0.0
    held_out: Absence | None = None


class Resampler:
    """Asks a result's request again; `serving` names the sampler that has a model, if one has.

    A sampler that a rule names is one of `samplers`.
    """

    def __init__(
        self, samplers: Mapping[str, Sampler], serving: Callable[[str], str | None]
    ) -> None:
        self._samplers = samplers
        self._serving = serving

    async def draw(
        self, how: Resampling, result: LlmResult, time: ResultClock, *, redacted: bool
    ) -> Drawn:
        """As many alternatives as can be had; `time` stands still as it does for judges."""
        redaction = Redaction(result) if redacted else None
        asked = prompt(result if redaction is None else redaction.result)
        if isinstance(asked, Absence):
            return Drawn(asked)
        name = sampler_for(how, result, self._serving)
        if name is None:
            return Drawn(_NOT_SERVED)
        sampler = self._samplers[name]
        tenant, asker = result.key.tenant, Asker(result.key.result_id, result.subject_id)
        questions = [
            Question(tenant, POLICY, call, asker)
            for call in calls(asked, how, sampler.model, sampler.traits)
        ]
        ends = await asyncio.gather(*(sampler.judge.ask(one, time) for one in questions))
        found = [alternative(q.call, e.reply) for q, e in zip(questions, ends, strict=True)]
        costs = [0.0 if end.from_memo else end.reply.cost_usd for end in ends]
        drawn = tuple(one for one in found if not isinstance(one, Absence))
        return Drawn(
            outcome=(
                tuple(one if redaction is None else _restored(one, redaction) for one in drawn)
                or _none(found)
            ),
            cost_usd=None if None in costs else math.fsum(cost for cost in costs if cost),
            held_out=next((end.reply.absence for end in ends if end.held_out), None),
        )


def sampler_for(
    how: Resampling, result: LlmResult, serving: Callable[[str], str | None]
) -> str | None:
    """Who is asked: whom the rule names, else whoever has the model that the result names."""
    if how.judge:
        return how.judge
    models = (result.gen_ai.response_model, result.gen_ai.request_model)
    names = (serving(model) for model in models if model)
    return next((name for name in names if name is not None), None)


def _none(found: list[Alternative | Absence]) -> Absence:
    """The first one's reason, and everybody's in the detail."""
    reasons = [one.reason for one in found if isinstance(one, Absence)]
    told = ", ".join(sorted({reason.value for reason in reasons}))
    return Absence(reasons[0], f"none of {len(found)} alternatives could be drawn: {told}")


def _restored(one: Alternative, redaction: Redaction) -> Alternative:
    """With what the placeholders stand for, as the response has it too."""
    text = redaction.restored(one.response.text)
    if text == one.response.text:
        return one
    # Tokens spell the placeholder: they are no tokens of this text.
    return replace(one, response=replace(one.response, text=text, tokens=None))

"""A check of contextual grounding: its limits, and how it is asked as a judge is."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judging import GroundingCall, JudgeCall

# Characters, of all sources together, of the query and of the response:
# https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-contextual-grounding-check.html
LIMITS: Mapping[str, int] = {"sources": 100_000, "query": 1_000, "response": 5_000}
# What is checked is counted in units of up to so many characters; a unit counts as many tokens.
UNIT = 1_000
# Members of a reply; a score that the guardrail does not give is not there.
GROUNDING, RELEVANCE, GUARDRAIL = "grounding", "relevance", "guardrail"
_SOURCE, _QUERY = "grounding_source", "query"


def unfit(call: GroundingCall) -> Absence | None:
    """Why a check cannot be made of these texts: nothing is cut to fit."""
    for name, found in (
        ("sources", call.sources),
        ("query", (call.query,)),
        ("response", (call.response,)),
    ):
        size = sum(map(len, found))
        if not size:
            return Absence(AbsenceReason.INPUT_MISSING, f"{name} is empty")
        if size > LIMITS[name]:
            what = f"{name} has {size} characters, the guardrail takes {LIMITS[name]}"
            return Absence(AbsenceReason.INPUT_TOO_LARGE, what)
    return None


def as_question(call: GroundingCall) -> JudgeCall:
    """The same for whoever remembers, limits and pays for questions to judges.

    What it may use at most is the units of its texts: each text may begin one.
    """
    turns = (*((_SOURCE, text) for text in call.sources if text), (_QUERY, call.query))
    return JudgeCall(
        model=GUARDRAIL,
        system="",
        material=call.response,
        form=None,
        max_output_tokens=UNIT * len(turns),
        before=turns,
    )


def of_question(call: JudgeCall) -> GroundingCall:
    """What `as_question` was made from, without empty sources."""
    sources = tuple(text for kind, text in call.before if kind == _SOURCE)
    return GroundingCall(sources, call.before[-1][1], call.material)

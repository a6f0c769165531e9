"""What a scored result is in the words of OpenTelemetry's conventions for generative AI."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.domain.absence import Absence
from plimsoll.domain.confidence import Estimate
from plimsoll.domain.score import Score
from plimsoll.domain.scored import ScoredResult

_CONFIDENCE = "confidence"
_NAME = "gen_ai.evaluation.name"
_VALUE = "gen_ai.evaluation.score.value"
_LABEL = "gen_ai.evaluation.score.label"


def evaluations(scored: ScoredResult, *, each: bool) -> Iterator[dict[str, str | float]]:
    """Attributes of the confidence's `gen_ai.evaluation.result`, and with `each` of each score's.

    An absence that says no more than that nobody asked gives none; no explanation is told.
    """
    about: dict[str, str | float] = {}
    if scored.gen_ai.response_id:
        about["gen_ai.response.id"] = scored.gen_ai.response_id
    yield {**about, **_of_confidence(scored)}
    for score in scored.scores if each else ():
        found = _of_score(score)
        if found:
            yield {**about, **found}


def _of_confidence(scored: ScoredResult) -> dict[str, str | float]:
    found: dict[str, str | float] = {_NAME: _CONFIDENCE}
    if scored.decision is not None:
        found[_LABEL] = scored.decision.verdict.value
    outcome = scored.confidence.outcome
    if isinstance(outcome, Estimate):
        found[_VALUE] = outcome.point
        found["plimsoll.confidence.lower_bound"] = outcome.interval.lower
        found["plimsoll.confidence.upper_bound"] = outcome.interval.upper
    else:
        found["error.type"] = outcome.reason.value
    return found


def _of_score(score: Score) -> dict[str, str | float]:
    outcome = score.outcome
    if not isinstance(outcome, Absence):
        return {_NAME: score.metric, _VALUE: outcome}
    if not outcome.reason.widens:
        return {}
    return {_NAME: score.metric, "error.type": outcome.reason.value}

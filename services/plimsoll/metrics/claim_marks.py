"""How sure each claim of a response is, and which of them to keep by what labels have taught."""

from __future__ import annotations

from dataclasses import replace

from plimsoll.domain.absence import Absence
from plimsoll.domain.claim_scopes import claim_certificate, claim_scope
from plimsoll.domain.claims import Claim, ClaimFilter, ClaimGroup, ClaimScoring
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.claim_verdicts import ClaimVerdict, JudgedClaims
from plimsoll.ports.tools import LearnedClaims


def claim_score(verdict: ClaimVerdict) -> float:
    """What claims are ordered by: the highest P(entailed) over passages, in [0, 1]."""
    return min(1.0, max(0.0, verdict.entails))


def group_of(result: LlmResult) -> ClaimGroup:
    """The responses that a promise about this one has to come from; `en-GB` counts as `en`."""
    return ClaimGroup.of(result.task_kind, result.language)


def marked(
    judged: JudgedClaims, scoring: ClaimScoring, result: LlmResult, learned: LearnedClaims
) -> ClaimFilter:
    """The promise with each claim of a response, or why nothing is promised."""
    group = group_of(result)
    promise = learned.promise(scoring, group)
    if isinstance(promise, Absence):
        return ClaimFilter(learned.name, promise)
    scope = claim_scope(result.key.tenant, learned.name, group)
    promise = replace(promise, certificate=claim_certificate(scope))
    claims = []
    for sentence, verdict in zip(judged.claims.sentences, judged.verdicts, strict=True):
        score = claim_score(verdict)
        claims.append(Claim(sentence.start, sentence.end, score, promise.keeps(score)))
    return ClaimFilter(learned.name, promise, tuple(claims))

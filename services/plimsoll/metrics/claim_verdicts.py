"""What a model of entailment makes of each claim of the response, given the context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.given import request_texts
from plimsoll.metrics.support import Claims, Span, claims_of
from plimsoll.metrics.words import folded, words
from plimsoll.ports.tools import EntailmentModel

Kind = Literal["supported", "contradicted", "cannot_tell"]
MAX_CLAIMS = 100
# Passages that are held against each claim: those that share most words with it.
MAX_PASSAGES = 6
# About 30 ms for each pair that a small model reads on one core.
STEPS_A_PAIR = 300_000
# A claim of fewer words is no sentence: it is read behind the question that it answers.
_SENTENCE_WORDS = 4
_MAX_QUESTION_CHARS = 400


@dataclass(frozen=True, slots=True)
class ClaimVerdict:
    """The highest entailment and contradiction over passages, and the passage of the former."""

    entails: float
    contradicts: float
    passage: int

    @property
    def kind(self) -> Kind:
        """Supported where a passage entails it, else contradicted where one contradicts it.

        Each where the model gives it half or more.
        """
        if self.entails >= 0.5:
            return "supported"
        return "contradicted" if self.contradicts >= 0.5 else "cannot_tell"


@dataclass(frozen=True, slots=True)
class JudgedClaims:
    """Claims, and one verdict for each."""

    claims: Claims
    verdicts: tuple[ClaimVerdict, ...]


def judged_claims(result: LlmResult, model: EntailmentModel) -> JudgedClaims | Absence:
    """The judged claims; absent where the result claims nothing or too much.

    What was judged last is kept, so that the metrics that rest on it judge a result once.
    """
    return _newest.of(result, model)


class _Newest:
    """The newest judgement.

    Results are compared, not identified: each metric that runs in another process is handed a
    copy of its own.
    """

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: tuple[LlmResult, EntailmentModel, JudgedClaims | Absence] | None = None

    def of(self, result: LlmResult, model: EntailmentModel) -> JudgedClaims | Absence:
        kept = self._kept
        if kept is not None and kept[1] is model and kept[0] == result:
            return kept[2]
        judged = _judged(result, model)
        self._kept = (result, model, judged)
        return judged


_newest = _Newest()


def pairs_of(result: LlmResult) -> int:
    """About how many pairs are judged for a result."""
    sentences = 1 + len(result.response.text) // 60
    passages = 1 + sum(len(document.text) for document in result.context) // 400
    return min(MAX_CLAIMS, sentences) * min(MAX_PASSAGES, passages)


def _judged(result: LlmResult, model: EntailmentModel) -> JudgedClaims | Absence:
    claims = claims_of(result)
    if isinstance(claims, Absence):
        return claims
    count = len(claims.sentences)
    if count > MAX_CLAIMS:
        return Absence(AbsenceReason.INPUT_TOO_LARGE, f"{count} claims, {MAX_CLAIMS} allowed")
    near = [claims.nearest(place, MAX_PASSAGES) for place in range(count)]
    question = _question(result)
    pairs = [
        (claims.passages[passage].text, _hypothesis(sentence, question))
        for sentence, passages in zip(claims.sentences, near, strict=True)
        for passage in passages
    ]
    answers = iter(model.judge(pairs))
    verdicts = []
    for passages in near:
        own = [(next(answers), passage) for passage in passages]
        best, passage = max(own, key=lambda pair: (pair[0].entails, -pair[1]))
        contradicts = max(answer.contradicts for answer, _ in own)
        verdicts.append(ClaimVerdict(best.entails, contradicts, passage))
    return JudgedClaims(claims, tuple(verdicts))


def _question(result: LlmResult) -> str:
    last = request_texts(result)[-1:]
    return last[0] if last and len(last[0]) <= _MAX_QUESTION_CHARS else ""


def _hypothesis(sentence: Span, question: str) -> str:
    if question and len(words(folded(sentence.text))) < _SENTENCE_WORDS:
        return f"{question} {sentence.text}"
    return sentence.text

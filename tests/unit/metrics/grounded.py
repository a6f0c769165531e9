"""Grounded results for tests, and models that answer by rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import Document, LlmResult, Message, TaskKind
from plimsoll.domain.score import Score
from plimsoll.metrics.evaluate import evaluate
from plimsoll.ports.metric import Metric
from plimsoll.ports.tools import Entailment
from tests.unit.metrics.results import result


def grounded(
    text: str,
    *context: str,
    question: str = "",
    ids: Sequence[str] = (),
    language: str = "en",
    kind: TaskKind = TaskKind.GROUNDED_QA,
) -> LlmResult:
    """A response, the documents that it was made from, and what was asked."""
    names = [*ids, *[""] * (len(context) - len(ids))]
    return replace(
        result(text, language=language, kind=kind),
        context=tuple(Document(text=t, id=i) for t, i in zip(context, names, strict=True)),
        messages=(Message("user", question),) if question else (),
    )


def of(metric: Metric, *args: str, question: str = "", language: str = "en") -> Score:
    """The metric's score of a response with its documents."""
    return evaluate(metric, grounded(*args, question=question, language=language))


def reason(score: Score) -> AbsenceReason:
    """The reason of an absence, where there must be one."""
    assert isinstance(score.outcome, Absence), score.outcome
    return score.outcome.reason


def cut_out(score: Score, kind: str, text: str) -> list[str]:
    """What evidence of one kind cuts out of a text by its offsets."""
    return [text[item.start : item.end] for item in score.evidence if item.kind == kind]


@dataclass
class Embedder:
    """Counts letters: texts of the same letters are the same."""

    name: str = "letters@1"
    seen: list[str] = field(default_factory=list)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One row a text, of length 1."""
        self.seen += texts
        rows = np.array([[1e-9 + t.lower().count(chr(97 + i)) for i in range(26)] for t in texts])
        unit: NDArray[np.float64] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


SURE = Entailment(0.9, 0.08, 0.02)
AGAINST = Entailment(0.05, 0.15, 0.8)
UNSURE = Entailment(0.2, 0.7, 0.1)


@dataclass
class Judge:
    """Answers each pair by a rule, and remembers them."""

    rule: Callable[[str, str], Entailment]
    name: str = "rule@1"
    seen: list[tuple[str, str]] = field(default_factory=list)

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Entailment]:
        """One answer a pair."""
        self.seen += pairs
        return [self.rule(premise, hypothesis) for premise, hypothesis in pairs]

"""What an entailment model makes of a result's responses, asked once for each pair."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import LlmResult, Pairs
from plimsoll.metrics.equivalence import canonical_meanings
from plimsoll.metrics.reading import Reading, chars, read
from plimsoll.ports.tools import Entailment, EntailmentModel, Tools

# Pairs that one metric may ask of the model; a pair takes some 10 ms.
MAX_PAIRS = 1_000
# Characters of a question with its answer; a model would read the beginning of more.
MAX_CHARS = 8_000
_STEPS_PER_PAIR = 100_000
_SAME = Entailment(entails=1.0, neutral=0.0, contradicts=0.0)

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Inference:
    """Responses as an entailment model is asked about them.

    Responses with one canonical form are one node and entail each other without being asked;
    `texts` has one of them for each node, behind the question. Nodes stand in a fixed order, the
    most frequent first; `nodes[i]` is that of response i, the delivered one first.
    """

    reading: Reading
    model: EntailmentModel
    texts: tuple[str, ...]
    nodes: tuple[int, ...]
    asked: str

    @property
    def provenance(self) -> Pairs:
        """What decides the model's answers besides the responses."""
        return (
            ("entailment_model", self.model.name),
            ("entailment_texts", self.asked),
            ("same", "canonical-form"),
            *self.reading.provenance,
        )

    def judge(self, pairs: Iterable[Pair]) -> dict[Pair, Entailment] | Absence:
        """The model's answer on each (premise, hypothesis) of different nodes; asks once."""
        wanted = sorted({(one, other) for one, other in pairs if one != other})
        problem = too_many(len(wanted))
        if problem is not None:
            return problem
        known = _answers(self.model.name, self.texts)
        new = [pair for pair in wanted if pair not in known]
        asked = [(self.texts[premise], self.texts[hypothesis]) for premise, hypothesis in new]
        answers = self.model.judge(asked) if asked else ()
        for pair, answer in zip(new, answers, strict=True):
            known[pair] = answer
        return {pair: known[pair] for pair in wanted}


def too_many(pairs: int) -> Absence | None:
    """`input_too_large` where one metric would ask for more pairs than it may."""
    if pairs <= MAX_PAIRS:
        return None
    detail = f"{pairs} pairs for the entailment model, {MAX_PAIRS} allowed"
    return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)


def infer(result: LlmResult, model: EntailmentModel | None) -> Inference | Absence:
    """The result's responses for this model, or why it is not asked."""
    if model is None:
        return Absence(AbsenceReason.NOT_CONFIGURED, "no entailment model is configured")
    reading = read(result)
    if isinstance(reading, Absence):
        return reading
    question = _question(result)
    longest = max(map(len, reading.texts)) + len(question)
    if longest > MAX_CHARS:
        detail = f"{longest} characters for the entailment model, {MAX_CHARS} allowed"
        return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
    labels = canonical_meanings(reading).labels
    texts: dict[str, list[str]] = {}
    for label, answer in zip(labels, reading.answers, strict=True):
        texts.setdefault(label, []).append(reading.texts[answer])
    order = sorted(texts, key=lambda label: (-len(texts[label]), min(texts[label])))
    node = {label: place for place, label in enumerate(order)}
    ahead = f"{question} " if question else ""
    return Inference(
        reading=reading,
        model=model,
        texts=tuple(ahead + min(texts[label]) for label in order),
        nodes=tuple(node[label] for label in labels),
        asked="question and answer" if question else "answer",
    )


class UsesEntailment:
    """A metric that asks an entailment model; without one it answers `not_configured`."""

    def __init__(self, model: EntailmentModel | None = None) -> None:
        self._model = model

    @classmethod
    def with_tools(cls, tools: Tools) -> Self:
        """The metric with the model that is configured."""
        return cls(tools.entailment)

    def steps(self, result: LlmResult, pairs: int) -> int:
        """Elementary steps of asking for so many pairs at most."""
        if self._model is None:
            return 10
        return 100 + 2 * chars(result) + _STEPS_PER_PAIR * min(pairs, MAX_PAIRS)


class AsksBothWays(UsesEntailment):
    """A metric that asks of the response and each alternative, in both directions."""

    def work(self, result: LlmResult) -> int:
        """Two questions to the model for each alternative at most."""
        return self.steps(result, 2 * len(result.alternatives))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The number in [0, 1]."""
        inference = infer(result, self._model)
        if isinstance(inference, Absence):
            return inference
        answers = to_and_fro(inference)
        return answers if isinstance(answers, Absence) else self.measured(inference, answers)

    def measured(
        self, inference: Inference, answers: Sequence[tuple[Entailment, Entailment]]
    ) -> Measurement:
        """The number of these answers, one pair an alternative."""
        raise NotImplementedError


def to_and_fro(inference: Inference) -> list[tuple[Entailment, Entailment]] | Absence:
    """The answers on the delivered response and each alternative, one of either as the premise."""
    delivered, *others = inference.nodes
    answers = inference.judge(
        pair for other in others for pair in ((delivered, other), (other, delivered))
    )
    if isinstance(answers, Absence):
        return answers
    same = (_SAME, _SAME)
    return [
        same if other == delivered else (answers[delivered, other], answers[other, delivered])
        for other in others
    ]


def _question(result: LlmResult) -> str:
    """The last thing that the user said; an answer alone says little to the model."""
    said = [message.text for message in result.messages if message.role == "user"]
    return next((text.strip() for text in reversed(said) if text.strip()), "")


@lru_cache(maxsize=32)
def _answers(_model: str, _texts: tuple[str, ...]) -> dict[Pair, Entailment]:
    """What a model has said of these texts so far.

    Known by the texts, not by the result that holds them: in a compute process each metric gets
    the result anew, and results come in turn.
    """
    return {}

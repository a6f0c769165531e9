"""What judges are asked: a question with anchored levels, and who is asked it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.metric import Need


class Part(StrEnum):
    """A part of a result that a judge is shown."""

    REQUEST = "request"
    CONTEXT = "context"
    REFERENCES = "references"
    REASONING = "reasoning"
    RESPONSE = "response"
    COMPARISON = "comparison"


@dataclass(frozen=True, slots=True)
class Level:
    """One grade and what earns it."""

    grade: int
    anchor: str


@dataclass(frozen=True, slots=True)
class Rubric:
    """A question about a response; a grade's value is its place between the lowest and highest.

    `version` is a hash of what the judge reads. A rubric with the part `comparison` asks which of
    two responses is better: its levels are then preferences (1 the other, 2 neither, 3 this one).
    """

    name: str
    version: str
    question: str
    levels: tuple[Level, ...]
    parts: tuple[Part, ...]
    needs: tuple[Need, ...]
    notes: tuple[str, ...] = ()

    @property
    def pairwise(self) -> bool:
        """Whether it compares two responses."""
        return Part.COMPARISON in self.parts

    def value_of(self, grade: int) -> float | None:
        """The grade's place in [0, 1], or None for one that the rubric does not have."""
        grades = sorted(level.grade for level in self.levels)
        if grade not in grades:
            return None
        return (grade - grades[0]) / (grades[-1] - grades[0])


@dataclass(frozen=True, slots=True)
class Panel:
    """Judges that are asked one rubric; `name` is that of the metric.

    Each juror is asked `samples` times: at `temperature` where its model takes one, otherwise with
    the levels in another order. `task_version` tells apart labels of tasks that have changed.
    `redact_pii` shows placeholders instead of personal spans. `by_logprobs` takes the expected
    grade of jurors that tell the probabilities of their grade and are asked once.
    """

    name: str
    rubric: Rubric
    judges: tuple[str, ...]
    samples: int = 1
    temperature: float = 1.0
    max_output_tokens: int = 600
    task_version: str = "1"
    redact_pii: bool = False
    by_logprobs: bool = False

    @property
    def metrics(self) -> tuple[str, str]:
        """What the judges say, and what follows from it for the result being right."""
        return self.name, f"{self.name}_posterior"

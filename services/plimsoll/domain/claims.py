"""Which claims of a response to keep, and what is promised of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.absence import Absence
from plimsoll.domain.result import TaskKind


class ClaimGuarantee(StrEnum):
    """What is promised of the claims that are kept, at an error rate alpha.

    ALL_TRUE: with probability 1 - alpha or more all of them are true. FALSE_SHARE: the expected
    share of a response's claims that are kept and false is at most alpha.
    """

    UNSPECIFIED = "unspecified"
    ALL_TRUE = "all_true"
    FALSE_SHARE = "false_share"


@dataclass(frozen=True, slots=True)
class ClaimPromise:
    """A promise for responses that are exchangeable with the `labels` that taught it.

    Claims that score above `threshold` are kept, and all of them where it is None. `error_rate` is
    in (0, 1). By `certificate` look-ups say how it stands now; older events have none.
    """

    guarantee: ClaimGuarantee
    error_rate: float
    labels: int
    threshold: float | None
    certificate: str = ""

    def keeps(self, score: float) -> bool:
        """Whether a claim of that score is kept: one at the threshold is not."""
        return self.threshold is None or score > self.threshold


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim by its half-open offsets in code points of the response, and whether to keep it."""

    start: int
    end: int
    score: float
    kept: bool


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """The promise with every claim of the response, or why nothing is promised, with none."""

    filter_id: str
    outcome: ClaimPromise | Absence
    claims: tuple[Claim, ...] = ()

    @property
    def promise(self) -> ClaimPromise | None:
        """What is promised of the claims that are kept, or None where nothing is."""
        return None if isinstance(self.outcome, Absence) else self.outcome

    @property
    def kept(self) -> tuple[Claim, ...]:
        """The claims to keep; none where nothing is promised."""
        return tuple(claim for claim in self.claims if claim.kept)


@dataclass(frozen=True, slots=True)
class ClaimScoring:
    """What has given claims their scores; a promise holds for no other."""

    metric: str
    version: str
    model: str

    def __str__(self) -> str:
        """As in `claim_faithfulness/1 by nli@0123`."""
        return f"{self.metric}/{self.version} by {self.model[:128]}"


@dataclass(frozen=True, slots=True, order=True)
class ClaimGroup:
    """Which responses a promise is of: nothing is borrowed from another task or language."""

    task_kind: TaskKind
    language: str

    @classmethod
    def of(cls, task_kind: TaskKind, language: str) -> ClaimGroup:
        """The responses that a promise about one in that language has to come from.

        `en-GB` counts as `en`.
        """
        primary, _, _ = language[:32].partition("-")
        return cls(task_kind, primary.lower())

    def __str__(self) -> str:
        """As in `grounded_qa (en)`."""
        return f"{self.task_kind} ({self.language or 'no language'})"

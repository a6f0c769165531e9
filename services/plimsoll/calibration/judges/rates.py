"""What labels say of one judge: posteriors of sensitivity and specificity, and its standing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from plimsoll.calibration.judges.beta import Beta
from plimsoll.domain.verdicts import JudgeKey, LabelledVerdict

# How far above 1 sensitivity + specificity have to be: a judge at 1 is a coin.
MARGIN = 0.05


class Standing(StrEnum):
    """Whether a judge's verdicts may count."""

    UNMEASURED = "unmeasured"
    UNINFORMATIVE = "judge_uninformative"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Counts:
    """Labelled verdicts of one judge; fractions where an item was judged several times."""

    right_passed: float = 0.0
    right_failed: float = 0.0
    wrong_passed: float = 0.0
    wrong_failed: float = 0.0

    @property
    def right(self) -> float:
        """Labelled items that are right."""
        return self.right_passed + self.right_failed

    @property
    def wrong(self) -> float:
        """Labelled items that are wrong."""
        return self.wrong_passed + self.wrong_failed

    @property
    def sensitivity(self) -> Beta:
        """Posterior of P(passes | right), from Beta(1, 1)."""
        return Beta().after(self.right_passed, self.right_failed)

    @property
    def specificity(self) -> Beta:
        """Posterior of P(fails | wrong), from Beta(1, 1)."""
        return Beta().after(self.wrong_failed, self.wrong_passed)

    @property
    def strength(self) -> float:
        """How far right and wrong lie apart, in standard deviations of a vote."""
        sensitivity, specificity = self.sensitivity.mean, self.specificity.mean
        within = sensitivity * (1.0 - sensitivity) + specificity * (1.0 - specificity)
        return (sensitivity + specificity - 1.0) / math.sqrt(within / 2.0)

    @property
    def standing(self) -> Standing:
        """Unmeasured without labels of both kinds; uninformative at sens + spec <= 1 + margin."""
        if not self.right or not self.wrong:
            return Standing.UNMEASURED
        if self.sensitivity.mean + self.specificity.mean <= 1.0 + MARGIN:
            return Standing.UNINFORMATIVE
        return Standing.MEASURED


NO_LABELS = Counts()
# The votes that one item got, in order of judges.
Pattern = tuple[tuple[JudgeKey, bool], ...]


@dataclass(frozen=True, slots=True)
class Audited:
    """How many labelled results were right, and how many wrong."""

    right: float = 0.0
    wrong: float = 0.0


def counted(verdicts: Iterable[LabelledVerdict]) -> Mapping[JudgeKey, Counts]:
    """Counts by judge; several verdicts of a judge on one item share the weight of one.

    ValueError where one item has two labels.
    """
    labels: dict[str, bool] = {}
    votes: dict[tuple[JudgeKey, str], list[bool]] = {}
    for verdict in verdicts:
        if labels.setdefault(verdict.item, verdict.right) != verdict.right:
            raise ValueError(f"item {verdict.item} is labelled right and wrong; give one label")
        votes.setdefault((verdict.judge, verdict.item), []).append(verdict.passed)
    counts: dict[JudgeKey, Counts] = {}
    for (judge, item), passed in sorted(votes.items()):
        share = sum(passed) / len(passed)
        counts[judge] = _with(counts.get(judge, NO_LABELS), share, right=labels[item])
    return counts


def patterns(verdicts: Iterable[LabelledVerdict]) -> Mapping[Pattern, Audited]:
    """Labels by the votes that items got; a judge's several verdicts on one go by their majority.

    Half is a pass.
    """
    labels: dict[str, bool] = {}
    votes: dict[str, dict[JudgeKey, list[bool]]] = {}
    for verdict in verdicts:
        labels[verdict.item] = verdict.right
        votes.setdefault(verdict.item, {}).setdefault(verdict.judge, []).append(verdict.passed)
    found: dict[Pattern, Audited] = {}
    for item, by_judge in votes.items():
        pattern = tuple(
            (judge, 2 * sum(by_judge[judge]) >= len(by_judge[judge])) for judge in sorted(by_judge)
        )
        before = found.get(pattern, Audited())
        found[pattern] = Audited(before.right + labels[item], before.wrong + (not labels[item]))
    return found


def _with(counts: Counts, share: float, *, right: bool) -> Counts:
    if right:
        return Counts(
            counts.right_passed + share,
            counts.right_failed + 1.0 - share,
            counts.wrong_passed,
            counts.wrong_failed,
        )
    return Counts(
        counts.right_passed,
        counts.right_failed,
        counts.wrong_passed + share,
        counts.wrong_failed + 1.0 - share,
    )

"""Judges and labelled verdicts for tests."""

from __future__ import annotations

import numpy as np

from plimsoll.domain.absence import Absence
from plimsoll.domain.verdicts import Estimator, JudgeKey, JurorVerdict, LabelledVerdict


def judge(model: str = "m", language: str = "en") -> JudgeKey:
    """A judge of one rubric."""
    return JudgeKey("helpful", "1", model, language, "task-1")


def said(model: str, outcome: float | Absence) -> JurorVerdict:
    """A verdict of a juror that was asked once."""
    return JurorVerdict(judge(model), outcome, Estimator.SINGLE_SHOT)


def labelled(
    model: str, right_passed: int, right_failed: int, wrong_passed: int, wrong_failed: int
) -> list[LabelledVerdict]:
    """So many verdicts on right items and on wrong ones, each item with its own number."""
    cells = [(True, True, right_passed), (True, False, right_failed)]
    cells += [(False, True, wrong_passed), (False, False, wrong_failed)]
    rows = [(right, passed) for right, passed, times in cells for _ in range(times)]
    seen = {True: 0, False: 0}
    verdicts = []
    for right, passed in rows:
        item = f"{'right' if right else 'wrong'}-{seen[right]}"
        seen[right] += 1
        verdicts.append(LabelledVerdict(judge(model), item, passed, right))
    return verdicts


def alike(
    rng: np.random.Generator, jurors: int, items: int, accuracy: float, copying: float
) -> tuple[np.ndarray, np.ndarray]:
    """Labels, shape (items,), and votes, shape (jurors, items), of jurors that err together.

    Each juror takes an error that all share with probability sqrt(copying), or its own; the
    correlation of two jurors' errors is then `copying`.
    """
    right = rng.random(items) < 0.5
    shared = rng.random(items) > accuracy
    own = rng.random((jurors, items)) > accuracy
    takes = rng.random((jurors, items)) < np.sqrt(copying)
    return right, np.where(takes, shared, own) ^ right

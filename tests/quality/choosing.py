"""Which form a fit takes: nested grouped cross-validation, and the first within one error."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tests.quality.fitting import Fit, Floats, Form, Table, fit

# As many inner folds as outer ones: what is chosen on less is pulled harder than the fit needs.
OUTER, INNER = 5, 5
_BENT = (2, 10, 30, 50, 70, 90, 98)
# From plain to bent; the one-standard-error rule takes the first that is good enough.
FORMS = (
    Form("straight", shrink=1e-6),
    Form("bent", _BENT, shrink=1e-6),
    Form("bent, absences count", _BENT, indicators=True, shrink=1e-6, gaps=0.05),
)
# How hard slopes may be pulled; a kind of task that says little wants more of it than the others.
PULLS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2)


def folds(groups: NDArray[np.str_], count: int, salt: str = "") -> NDArray[np.intp]:
    """The fold of each record by a hash of its group, so that it never depends on the others."""
    return np.array(
        [
            int(hashlib.sha256(f"{salt}{group}".encode()).hexdigest(), 16) % count
            for group in groups.tolist()
        ]
    )


def chosen(table: Table, forms: Sequence[Form] = FORMS, pulls: Sequence[float] = PULLS) -> Form:
    """The first form whose mean log-loss over folds is within one standard error of the best.

    Then, for each kind of task by itself, the first of `pulls`, by the same rule: a kind is pulled
    harder than the least only where its own records say so.
    """
    fold = folds(table.groups, INNER, "inner")
    losses = np.array(
        [
            [
                _loss(fit(table.rows(fold != number), form), table.rows(fold == number))
                for number in range(INNER)
            ]
            for form in forms
        ]
    )
    form = forms[_first_good(losses)]
    tried = [_crossed_losses(table, fold, replace(form, shrink=pull)) for pull in pulls]
    best = {kind: _first_good(np.array([losses[kind] for losses in tried])) for kind in tried[0]}
    return replace(form, pulls=tuple((kind, pulls[place]) for kind, place in best.items()))


def _crossed_losses(table: Table, fold: NDArray[np.intp], form: Form) -> dict[str, Floats]:
    """Mean log-losses, one a fold, of each kind that is in every fold, by fits that saw none."""
    logits = np.zeros(len(fold))
    for number in range(INNER):
        held = fold == number
        logits[held] = fit(table.rows(~held), form).logits(table.rows(held))
    losses = np.logaddexp(0.0, logits) - table.labels * logits
    found = {}
    for kind in sorted(set(table.kinds.tolist())):
        parts = [losses[(table.kinds == kind) & (fold == number)] for number in range(INNER)]
        if all(map(len, parts)):
            found[kind] = np.array([part.mean() for part in parts])
    return found


def _first_good(losses: Floats) -> int:
    """The first row of losses by fold that is within one standard error of the best."""
    means = losses.mean(axis=1)
    best = int(means.argmin())
    # Of the difference to the best, fold by fold: what all folds share says nothing here.
    errors = (losses - losses[best]).std(axis=1, ddof=1) / np.sqrt(INNER)
    return int(np.flatnonzero(means <= means[best] + errors)[0])


def _loss(found: Fit, table: Table) -> float:
    """Mean log-loss with every unit weighing the same."""
    logits = found.logits(table)
    return float(table.mass @ (np.logaddexp(0.0, logits) - table.labels * logits))


def out_of_fold(table: Table, forms: Sequence[Form] = FORMS) -> tuple[list[Fit], list[Form]]:
    """A fit for each outer fold that saw none of it, and the form that each took.

    What has a form to choose takes minutes, and a process a fold.
    """
    fold = folds(table.groups, OUTER)
    trainings = [table.rows(fold != number) for number in range(OUTER)]
    if len(forms) == 1:
        return [fit(training, forms[0]) for training in trainings], [forms[0]] * OUTER
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        taken = list(pool.map(partial(chosen, forms=forms), trainings))
        return list(pool.map(fit, trainings, taken)), taken


def crossed(table: Table, fits: Sequence[Fit]) -> Floats:
    """The logit of each record by the fit that saw none of its group."""
    fold = folds(table.groups, OUTER)
    logits = np.zeros(len(fold))
    for number, found in enumerate(fits):
        rows = fold == number
        logits[rows] = found.logits(table.rows(rows))
    return logits

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

from tests.quality.fitting import Fit, Floats, Form, Table, fit, scale_of

# As many inner folds as outer ones: what is chosen on less is pulled harder than the fit needs.
OUTER, INNER = 5, 5
# Which sources fall into one fold is chance, and moves figures; so folds are made this many times.
ASSIGNMENTS = ("", "second", "third", "fourth", "fifth")
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
    harder than the least only where its own records say so. Last the scale of its logits: a fit
    claims too much on what it has not seen, and its inner folds tell how much.
    """
    fold = folds(table.groups, INNER, "inner")
    logits = [_held_out(table, fold, form) for form in forms]
    place = _first_good(np.array([_losses(table, fold, found) for found in logits]))
    form, found = forms[place], logits[place]
    tried = [
        found if pull == form.shrink else _held_out(table, fold, replace(form, shrink=pull))
        for pull in pulls
    ]
    taken, scales = [], []
    for kind in sorted(set(table.kinds.tolist())):
        rows = np.flatnonzero(table.kinds == kind)
        part = table.rows(rows)
        if len(set(fold[rows].tolist())) == INNER:
            losses = [_losses(part, fold[rows], each[rows]) for each in tried]
            best = _first_good(np.array(losses))
            taken.append((kind, pulls[best]))
            scales.append((kind, *scale_of(tried[best][rows], part.labels, part.mass)))
    return replace(form, pulls=tuple(taken), scales=tuple(scales))


def _held_out(table: Table, fold: NDArray[np.intp], form: Form) -> Floats:
    """The logit of each record by a fit that did not see its inner fold."""
    logits = np.zeros(len(fold))
    for number in range(INNER):
        held = fold == number
        logits[held] = fit(table.rows(~held), form).logits(table.rows(held))
    return logits


def _losses(table: Table, fold: NDArray[np.intp], logits: Floats) -> Floats:
    """Mean log-losses, one a fold, with every unit in it weighing the same."""
    losses = np.logaddexp(0.0, logits) - table.labels * logits
    held = [fold == number for number in range(INNER)]
    return np.array([float(table.rows(rows).mass @ losses[rows]) for rows in held])


def _first_good(losses: Floats) -> int:
    """The first row of losses by fold that is within one standard error of the best."""
    means = losses.mean(axis=1)
    best = int(means.argmin())
    # Of the difference to the best, fold by fold: what all folds share says nothing here.
    errors = (losses - losses[best]).std(axis=1, ddof=1) / np.sqrt(INNER)
    return int(np.flatnonzero(means <= means[best] + errors)[0])


def out_of_fold(
    table: Table, forms: Sequence[Form] = FORMS, assignment: str = ""
) -> tuple[list[Fit], list[Form]]:
    """A fit for each outer fold of an assignment that saw none of it, and the form that each took.

    What has a form to choose takes minutes, and a process a fold.
    """
    fold = folds(table.groups, OUTER, assignment)
    trainings = [table.rows(fold != number) for number in range(OUTER)]
    if len(forms) == 1:
        return [fit(training, forms[0]) for training in trainings], [forms[0]] * OUTER
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        taken = list(pool.map(partial(chosen, forms=forms), trainings))
        return list(pool.map(fit, trainings, taken)), taken


def crossed(table: Table, fits: Sequence[Fit], assignment: str = "") -> Floats:
    """The logit of each record by the fit that saw none of its group."""
    fold = folds(table.groups, OUTER, assignment)
    logits = np.zeros(len(fold))
    for number, found in enumerate(fits):
        rows = fold == number
        logits[rows] = found.logits(table.rows(rows))
    return logits

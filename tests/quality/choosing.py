"""Which form a fit takes: nested grouped cross-validation, and the plainest within one error."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tests.quality.fitting import Fit, Floats, Form, Table, fit

OUTER, INNER = 5, 3
_BENT = (2, 10, 30, 50, 70, 90, 98)
# From plain to bent; the one-standard-error rule takes the first that is good enough.
FORMS = (
    Form("straight", shrink=1e-6),
    Form("bent", _BENT, shrink=1e-6),
    Form("bent, absences count", _BENT, indicators=True, shrink=1e-6, gaps=0.05),
)


def folds(groups: NDArray[np.str_], count: int, salt: str = "") -> NDArray[np.intp]:
    """The fold of each record by a hash of its group, so that it never depends on the others."""
    return np.array(
        [
            int(hashlib.sha256(f"{salt}{group}".encode()).hexdigest(), 16) % count
            for group in groups.tolist()
        ]
    )


def chosen(table: Table, forms: Sequence[Form] = FORMS) -> Form:
    """The first form whose mean log-loss over folds is within one standard error of the best."""
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
    means = losses.mean(axis=1)
    best = int(means.argmin())
    # Of the difference to the best, fold by fold: what all folds share says nothing here.
    errors = (losses - losses[best]).std(axis=1, ddof=1) / np.sqrt(INNER)
    good = np.flatnonzero(means <= means[best] + errors)
    return forms[int(good[0])]


def _loss(found: Fit, table: Table) -> float:
    """Mean log-loss with every unit weighing the same."""
    logits = found.logits(table)
    return float(table.mass @ (np.logaddexp(0.0, logits) - table.labels * logits))


def out_of_fold(table: Table, forms: Sequence[Form] = FORMS) -> tuple[list[Fit], list[str]]:
    """A fit for each outer fold that saw none of it, and the form that each took."""
    fold = folds(table.groups, OUTER)
    fits, names = [], []
    for number in range(OUTER):
        training = table.rows(fold != number)
        form = forms[0] if len(forms) == 1 else chosen(training, forms)
        fits.append(fit(training, form))
        names.append(form.name)
    return fits, names


def crossed(table: Table, fits: Sequence[Fit]) -> Floats:
    """The logit of each record by the fit that saw none of its group."""
    fold = folds(table.groups, OUTER)
    logits = np.zeros(len(fold))
    for number, found in enumerate(fits):
        rows = fold == number
        logits[rows] = found.logits(table.rows(rows))
    return logits

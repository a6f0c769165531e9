"""The fit of the monotone combination: one weight per metric and task kind, shrunk together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]

# Values closer to 0 or 1 count as this close; chosen by grouped cross-validation. Rates over a
# handful of samples reach 0 and 1 by chance.
CLIPS = {
    "exact_match_rate": 0.15,
    "lexical_similarity": 0.15,
    "discrete_semantic_entropy": 0.15,
    "context_coverage": 0.1,
}
DEFAULT_CLIP = 0.02
# Pulls on the mean log-loss: of weights to 0, of task kinds to their common row, of intercepts.
SHRINK_WEIGHTS = 0.003
SHRINK_TOGETHER = 0.003
SHRINK_INTERCEPTS = 0.01


@dataclass(frozen=True)
class Table:
    """Features of records: values in [0, 1] or NaN where absent, shape (n, metrics)."""

    metrics: tuple[str, ...]
    values: Floats
    labels: Floats
    kinds: NDArray[np.str_]
    sets: NDArray[np.str_]
    groups: NDArray[np.str_]

    def rows(self, chosen: NDArray[np.bool_]) -> Table:
        """The table of some records."""
        return Table(
            self.metrics,
            self.values[chosen],
            self.labels[chosen],
            self.kinds[chosen],
            self.sets[chosen],
            self.groups[chosen],
        )

    @property
    def features(self) -> Floats:
        """Clipped logits, NaN where absent."""
        clips = np.array([CLIPS.get(metric, DEFAULT_CLIP) for metric in self.metrics])
        clipped = np.clip(self.values, clips, 1 - clips)
        return np.asarray(np.log(clipped / (1 - clipped)))

    @property
    def set_weights(self) -> Floats:
        """Weights that sum to 1 and let every set weigh the same, whatever its size."""
        _, of, sizes = np.unique(self.sets, return_inverse=True, return_counts=True)
        return np.asarray(1.0 / (sizes[of] * len(sizes)))


@dataclass(frozen=True)
class Fit:
    """Centres and weights, shape (1 + kinds, metrics); intercepts (1 + kinds); row 0 is `any`."""

    kinds: tuple[str, ...]
    centres: Floats
    weights: Floats
    intercepts: Floats

    def logits(self, table: Table) -> Floats:
        """The logit of each record; an absent metric adds nothing."""
        row = np.array([self.kinds.index(k) + 1 if k in self.kinds else 0 for k in table.kinds])
        centred = np.nan_to_num(table.features - self.centres[row])
        return np.asarray(self.intercepts[row] + (centred * self.weights[row]).sum(axis=1))


def fit(table: Table) -> Fit:
    """Minimises the weighted log-loss under weights >= 0 by L-BFGS-B."""
    kinds = tuple(sorted(set(table.kinds)))
    centres = _centres(table, kinds)
    row = np.array([kinds.index(kind) + 1 for kind in table.kinds])
    centred = np.nan_to_num(table.features - centres[row])
    shape = (len(kinds) + 1, len(table.metrics) + 1)
    start = np.full(shape, 0.1)
    start[:, 0] = 0.0
    bounds = [(None, None), *[(0.0, 3.0)] * len(table.metrics)] * shape[0]
    found = minimize(
        _loss(centred, row, table.labels, table.set_weights, shape),
        start.ravel(),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 2_000, "ftol": 1e-12, "gtol": 1e-9},
    )
    solution = found.x.reshape(shape)
    return Fit(kinds, centres, solution[:, 1:], solution[:, 0])


def _loss(
    centred: Floats, row: NDArray[np.int_], labels: Floats, mass: Floats, shape: tuple[int, int]
) -> Callable[[Floats], tuple[float, Floats]]:
    """Log-loss of the kinds' rows, and the pull of those rows to row 0 and of weights to 0."""

    def loss(flat: Floats) -> tuple[float, Floats]:
        theta = flat.reshape(shape)
        logits = theta[row, 0] + (centred * theta[row, 1:]).sum(axis=1)
        total = float(mass @ (np.logaddexp(0.0, logits) - labels * logits))
        pull = mass * (1.0 / (1.0 + np.exp(-logits)) - labels)
        gradient = np.zeros(shape)
        np.add.at(gradient[:, 0], row, pull)
        np.add.at(gradient[:, 1:], row, pull[:, None] * centred)
        apart = theta[1:] - theta[0]
        strength = np.full(shape[1], SHRINK_TOGETHER)
        strength[0] = SHRINK_INTERCEPTS
        total += float((strength * apart**2).sum())
        total += SHRINK_WEIGHTS * float((theta[0, 1:] ** 2).sum())
        gradient[1:] += 2 * strength * apart
        gradient[0] -= 2 * (strength * apart).sum(axis=0)
        gradient[0, 1:] += 2 * SHRINK_WEIGHTS * theta[0, 1:]
        return total, gradient.ravel()

    return loss


def _centres(table: Table, kinds: Sequence[str]) -> Floats:
    """Training means of features by kind; a kind without a metric takes the overall mean."""
    features, mass = table.features, table.set_weights
    centres = np.zeros((len(kinds) + 1, len(table.metrics)))
    for column in range(len(table.metrics)):
        present = ~np.isnan(features[:, column])
        if not present.any():
            continue
        centres[:, column] = np.average(features[present, column], weights=mass[present])
        for index, kind in enumerate(kinds, 1):
            chosen = present & (table.kinds == kind)
            if chosen.any():
                centres[index, column] = np.average(features[chosen, column], weights=mass[chosen])
    return centres

"""The fit of the monotone combination: one rising map per metric and task kind, shrunk together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Values closer to 0 or 1 count as this close: rates over a few samples get there by chance.
CLIP = 0.02
_MIN_GAP = 0.25
_MAX_SLOPE = 10.0
_MAX_SHIFT, _MAX_SCALE = 5.0, 5.0
# Base rates of task kinds have nothing to do with each other; the rest keeps `any` defined.
_SHRINK_INTERCEPTS = 1e-6
_LEAST_PRESENCE = 0.01


@dataclass(frozen=True)
class Form:
    """How much a fit may bend: more of anything has to earn its place in cross-validation.

    `quantiles` are where maps may bend, by share of the values that lie below; `indicators` lets
    what is absent move the point; `shrink` pulls slopes to 0 and task kinds to their common row,
    on the scale of the mean log-loss where the metric is there. `pulls` names kinds of task whose
    maps are shrunk otherwise: they are those of a fit in which everything is shrunk so. `scales`
    names kinds of task with the intercept and the slope that their logits get at last.
    """

    name: str
    quantiles: tuple[float, ...] = (5, 95)
    indicators: bool = False
    shrink: float = 0.003
    # At which weight a fit also sees each record without each of its inputs.
    gaps: float = 0.0
    # Where a knot may not come closer to 0 or 1; rates over a handful of samples need more room.
    clip: float = CLIP
    pulls: tuple[tuple[str, float], ...] = ()
    scales: tuple[tuple[str, float, float], ...] = ()


@dataclass(frozen=True)
class Table:
    """Features of records: values in [0, 1] or NaN where absent, shape (n, metrics).

    `needs` says for each metric which inputs it cannot do without, `alone` whether its value is
    enough for a confidence; `units` weigh the same in a fit,
    whatever their size; records of one group are never on both sides of a split.
    """

    metrics: tuple[str, ...]
    needs: tuple[frozenset[str], ...]
    alone: tuple[bool, ...]
    values: Floats
    labels: Floats
    kinds: NDArray[np.str_]
    sets: NDArray[np.str_]
    groups: NDArray[np.str_]
    units: NDArray[np.str_]
    shares: Floats

    def rows(self, chosen: Mask | NDArray[np.intp]) -> Table:
        """The table of some records."""
        return replace(
            self,
            values=self.values[chosen],
            labels=self.labels[chosen],
            kinds=self.kinds[chosen],
            sets=self.sets[chosen],
            groups=self.groups[chosen],
            units=self.units[chosen],
            shares=self.shares[chosen],
        )

    def without(self, need: str) -> Table:
        """The same records as if that input had never been sent."""
        values = self.values.copy()
        values[:, [need in needs for needs in self.needs]] = np.nan
        return replace(self, values=values)

    def with_gaps(self, share: float) -> Table:
        """The records, and again with each input taken away that they have, at that weight.

        A fit on them has seen every pattern of absence with every base rate, so that which
        inputs a set happens to lack tells it less.
        """
        parts = [self]
        for name in sorted(frozenset[str]().union(*self.needs)):
            without = self.without(name)
            changed = (np.isnan(without.values) & ~np.isnan(self.values)).any(axis=1)
            part = without.rows(changed & without.measurable)
            parts.append(replace(part, shares=part.shares * share))
        return replace(
            self,
            values=np.concatenate([part.values for part in parts]),
            labels=np.concatenate([part.labels for part in parts]),
            kinds=np.concatenate([part.kinds for part in parts]),
            sets=np.concatenate([part.sets for part in parts]),
            groups=np.concatenate([part.groups for part in parts]),
            units=np.concatenate([part.units for part in parts]),
            shares=np.concatenate([part.shares for part in parts]),
        )

    @property
    def measurable(self) -> Mask:
        """Records with a value of a metric that is enough for a confidence."""
        return np.asarray(~np.isnan(self.values[:, np.array(self.alone)]).all(axis=1))

    @property
    def mass(self) -> Floats:
        """Weights that sum to 1 and let every unit weigh the same, whatever its size."""
        _, of = np.unique(self.units, return_inverse=True)
        sizes = np.bincount(of, self.shares)
        return np.asarray(self.shares / (sizes[of] * len(sizes)))

    @property
    def present(self) -> Floats:
        """The share that a record has of the metrics of each of `inputs`; shape (n, inputs)."""
        there = ~np.isnan(self.values)
        return np.column_stack(
            [there[:, [of == needs for of in self.needs]].mean(axis=1) for needs in self.inputs]
        )

    @property
    def inputs(self) -> list[frozenset[str]]:
        """The different sets of inputs that metrics need, in order."""
        return sorted(set(self.needs), key=sorted)


@dataclass(frozen=True)
class Fit:
    """Rows 0 is `any`, the others are kinds.

    `knots` are positions on the logit scale; `shifts[row][metric]` what a metric adds there;
    `presence[row]` what the inputs that are there add, in the order of the table's `inputs`.
    """

    kinds: tuple[str, ...]
    knots: tuple[Floats, ...]
    shifts: tuple[tuple[Floats, ...], ...]
    presence: Floats
    intercepts: Floats

    def row_of(self, kinds: NDArray[np.str_]) -> NDArray[np.intp]:
        """The row of each record."""
        places = {kind: place for place, kind in enumerate(self.kinds, 1)}
        return np.array([places.get(kind, 0) for kind in kinds.tolist()], dtype=np.intp)

    def logits(self, table: Table) -> Floats:
        """The logit of each record; an absent metric adds nothing."""
        row = self.row_of(table.kinds)
        total = self.intercepts[row] + (table.present * self.presence[row]).sum(axis=1)
        at = positions(table.values)
        for place, knots in enumerate(self.knots):
            for number in range(len(self.kinds) + 1):
                chosen = (row == number) & ~np.isnan(at[:, place])
                total[chosen] += np.interp(at[chosen, place], knots, self.shifts[number][place])
        return np.asarray(total)

    def scaled(self, scales: Sequence[tuple[str, float, float]]) -> Fit:
        """The fit whose logits, of each kind that is named, are `intercept + slope x logit`."""
        added, times = np.zeros(len(self.kinds) + 1), np.ones(len(self.kinds) + 1)
        for kind, intercept, slope in scales:
            if kind in self.kinds:
                place = self.kinds.index(kind) + 1
                added[place], times[place] = intercept, slope
        return replace(
            self,
            shifts=tuple(
                tuple(shift * by for shift in row)
                for row, by in zip(self.shifts, times.tolist(), strict=True)
            ),
            presence=self.presence * times[:, None],
            intercepts=added + times * self.intercepts,
        )


def scale_of(logits: Floats, labels: Floats, mass: Floats) -> tuple[float, float]:
    """The intercept and the slope, never below 0, with the least log-loss (Platt 1999).

    On logits of records that their fit has not seen: where it claims too much, the slope is below
    1.
    """

    def loss(scale: Floats) -> float:
        scaled = scale[0] + scale[1] * logits
        return float(mass @ (np.logaddexp(0.0, scaled) - labels * scaled))

    bounds = [(-_MAX_SHIFT, _MAX_SHIFT), (0.0, _MAX_SCALE)]
    found = minimize(loss, np.array([0.0, 1.0]), method="L-BFGS-B", bounds=bounds)
    return float(found.x[0]), float(found.x[1])


def positions(values: Floats) -> Floats:
    """Values on the logit scale, clipped; NaN stays."""
    clipped = np.clip(values, CLIP, 1 - CLIP)
    return np.asarray(np.log(clipped / (1 - clipped)))


def fit(table: Table, form: Form) -> Fit:
    """Minimises the weighted log-loss under maps that never fall, by L-BFGS-B."""
    if form.gaps:
        return fit(table.with_gaps(form.gaps), replace(form, gaps=0.0))
    kinds = tuple(sorted(set(table.kinds.tolist())))
    knots = tuple(_knots(column, form) for column in positions(table.values).T)
    of_metric = np.repeat(np.arange(len(knots)), [len(found) - 1 for found in knots])
    bends = _bends(positions(table.values), knots)
    centres = _centres(table, bends, kinds)
    row = np.array([kinds.index(kind) + 1 for kind in table.kinds.tolist()])
    present = table.present if form.indicators else np.zeros((len(row), 0))
    # Presence is centred too, so that intercepts keep their meaning.
    usual = np.array([np.average(present, axis=0, weights=table.mass)])
    design = np.column_stack(
        [np.ones(len(row)), present - usual, np.nan_to_num(bends - centres[row])]
    )
    free = 1 + present.shape[1]
    solution = _minimised(design, row, table, free, form.shrink)
    for shrink in sorted({shrink for _, shrink in form.pulls if shrink != form.shrink}):
        pulled = _minimised(design, row, table, free, shrink)
        for number, kind in enumerate(kinds, 1):
            if (kind, shrink) in form.pulls:
                solution[number] = pulled[number]
    steps, presence = solution[:, free:], np.zeros((len(kinds) + 1, table.present.shape[1]))
    presence[:, : present.shape[1]] = solution[:, 1:free]
    found = Fit(
        kinds=kinds,
        knots=knots,
        shifts=tuple(
            tuple(
                _map(knots[m], steps[r, of_metric == m], centres[r, of_metric == m])
                for m in range(len(knots))
            )
            for r in range(len(kinds) + 1)
        ),
        presence=presence,
        intercepts=solution[:, 0] - (presence[:, : present.shape[1]] * usual).sum(axis=1),
    )
    return found.scaled(form.scales)


def _knots(column: Floats, form: Form) -> Floats:
    """Where a map may bend: quantiles of the values, not closer than `_MIN_GAP` logits."""
    there = column[~np.isnan(column)]
    if not len(there):
        return np.array([-_MIN_GAP, _MIN_GAP])
    edge = float(np.log((1 - form.clip) / form.clip))
    found: list[float] = []
    for knot in np.clip(np.percentile(there, form.quantiles), -edge, edge).tolist():
        if not found or knot - found[-1] >= _MIN_GAP:
            found.append(knot)
    if len(found) == 1:
        found = [found[0] - _MIN_GAP, found[0] + _MIN_GAP]
    return np.array(found)


def _bends(at: Floats, knots: tuple[Floats, ...]) -> Floats:
    """How far a record is along each piece of each map; NaN where the metric is absent."""
    return np.column_stack(
        [
            np.clip(at[:, place], low, high) - low
            for place, found in enumerate(knots)
            for low, high in pairwise(found.tolist())
        ]
    )


def _map(knots: Floats, slopes: Floats, centres: Floats) -> Floats:
    """What a metric adds at each knot: pieces added up, and 0 at the training mean."""
    added = np.concatenate([[0.0], np.cumsum(slopes * np.diff(knots))])
    return np.asarray(added - float(slopes @ centres))


def _minimised(
    design: Floats, row: NDArray[np.intp], table: Table, free: int, shrink: float
) -> Floats:
    """Coefficients by row; the first `free` may have any sign, the slopes after them may not."""
    rows, columns = int(row.max()) + 1, design.shape[1]
    bounds = [*[(None, None)] * free, *[(0.0, _MAX_SLOPE)] * (columns - free)] * rows
    start = np.zeros((rows, columns))
    start[:, free:] = 0.05
    pull = np.full(columns, shrink)
    # By how much of the data a piece is there, so that what few sets have is not shrunk for it.
    pull[free:] *= np.maximum(table.mass @ (design[:, free:] != 0.0), _LEAST_PRESENCE)
    pull[0] = _SHRINK_INTERCEPTS
    found = minimize(
        _loss(design, row, table, pull),
        start.ravel(),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 500, "ftol": 1e-9, "gtol": 1e-6},
    )
    return np.asarray(found.x.reshape(start.shape))


def _loss(
    design: Floats, row: NDArray[np.intp], table: Table, pull: Floats
) -> Callable[[Floats], tuple[float, Floats]]:
    """Log-loss of the kinds' rows, the pull of those to row 0, and of row 0 to nothing."""
    rows, mass = int(row.max()) + 1, table.mass
    of_row = [np.flatnonzero(row == number) for number in range(rows)]
    # A kind of task lacks many metrics: its other columns are 0 throughout, and cost time alone.
    used = [np.flatnonzero((design[chosen] != 0.0).any(axis=0)) for chosen in of_row]
    parts = [
        (design[np.ix_(chosen, columns)], columns, table.labels[chosen], mass[chosen])
        for chosen, columns in zip(of_row, used, strict=True)
    ]
    to_zero = pull.copy()
    to_zero[0] = 0.0

    def loss(flat: Floats) -> tuple[float, Floats]:
        theta = flat.reshape(rows, -1)
        gradient = np.zeros_like(theta)
        total = 0.0
        for number, (features, columns, right, weight) in enumerate(parts):
            logits = features @ theta[number, columns]
            total += float(weight @ (np.logaddexp(0.0, logits) - right * logits))
            residuals = weight * (0.5 + 0.5 * np.tanh(logits / 2) - right)
            gradient[number, columns] = residuals @ features
        apart = theta[1:] - theta[0]
        total += float((pull * apart**2).sum() + (to_zero * theta[0] ** 2).sum())
        gradient[1:] += 2 * pull * apart
        gradient[0] += 2 * to_zero * theta[0] - 2 * (pull * apart).sum(axis=0)
        return total, gradient.ravel()

    return loss


def _centres(table: Table, bends: Floats, kinds: tuple[str, ...]) -> Floats:
    """Training means of pieces by kind; a kind without a metric takes the overall mean."""
    mass = table.mass
    there = ~np.isnan(bends)
    filled = np.nan_to_num(bends)
    centres = np.zeros((len(kinds) + 1, bends.shape[1]))
    centres[:] = (mass @ filled) / np.maximum(mass @ there, 1e-300)
    for number, kind in enumerate(kinds, 1):
        chosen = table.kinds == kind
        weight = mass[chosen] @ there[chosen]
        means = (mass[chosen] @ filled[chosen]) / np.maximum(weight, 1e-300)
        centres[number] = np.where(weight > 0, means, centres[number])
    return centres

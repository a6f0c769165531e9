"""A made-up table of records, of which one metric tells right from wrong."""

from __future__ import annotations

import numpy as np

from tests.quality.fitting import Form, Table

BENT = Form("bent", (5, 25, 50, 75, 95), indicators=True)


def table(records: int = 240, seed: int = 1) -> Table:
    """Two kinds, three metrics of which the first tells right from wrong, some values absent."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(records) < 0.6).astype(float)
    values = rng.random((records, 3))
    values[:, 0] = np.clip(0.5 + (labels - 0.5) * 0.5 + rng.normal(0, 0.25, records), 0, 1)
    values[rng.random(records) < 0.3, 1] = np.nan
    values[rng.random(records) < 0.2, 0] = np.nan
    kinds = np.array(["code", "math"])[rng.integers(2, size=records)]
    return Table(
        metrics=("tells", "noise", "more_noise"),
        needs=(frozenset({"samples"}), frozenset({"logprobs"}), frozenset({"samples"})),
        alone=(True, True, True),
        values=values,
        labels=labels,
        kinds=kinds,
        sets=kinds,
        groups=np.array([f"g{n // 2}" for n in range(records)]),
        units=kinds,
        shares=np.ones(records),
    )

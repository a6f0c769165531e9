"""Folds, fits and forms: nothing leaks, and nothing bends, pulls or scales without cause."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.quality.choosing import ASSIGNMENTS, OUTER, chosen, crossed, folds, out_of_fold
from tests.quality.fitting import Form, Table, fit, scale_of
from tests.quality.synthetic import BENT, table


def test_records_of_one_source_share_a_fold() -> None:
    """Folds go by group alone, whatever the order and the company."""
    groups = table().groups
    fold = folds(groups, OUTER)
    assert {len(set(fold[groups == group])) for group in set(groups)} == {1}
    assert folds(groups[::-1], OUTER).tolist() == fold[::-1].tolist()
    assert set(fold) == set(range(OUTER))


def test_no_fit_sees_the_labels_that_it_is_judged_on() -> None:
    """Turning a fold's labels round changes none of that fold's logits."""
    original = table()
    held_out = folds(original.groups, OUTER) == 2
    turned = replace(original, labels=np.where(held_out, 1 - original.labels, original.labels))
    before, after = (crossed(t, out_of_fold(t, (BENT,))[0]) for t in (original, turned))
    assert np.allclose(before[held_out], after[held_out])
    assert not np.allclose(before[~held_out], after[~held_out])


def test_maps_never_fall() -> None:
    """Even where labels say the opposite of a metric, its map is flat and not falling."""
    data = table()
    found = fit(replace(data, labels=1 - data.labels), BENT)
    for of_row in found.shifts:
        for shifts in of_row:
            assert np.all(np.diff(shifts) >= 0.0)


def test_the_plainest_form_within_one_error_is_taken() -> None:
    """Labels that follow a straight line of logits bend no fit; labels that follow a step do."""
    data = table(600)
    rng = np.random.default_rng(4)
    value = rng.uniform(0.05, 0.95, 600)
    values = data.values.copy()
    values[:, 0] = value
    forms = (Form("straight"), BENT)
    for chance, name in ((value, "straight"), (np.where(value > 0.9, 0.95, 0.3), "bent")):
        labels = (rng.random(600) < chance).astype(float)
        assert chosen(replace(data, values=values, labels=labels), forms, (1e-6,)).name == name


def one_kind_told(seed: int) -> Table:
    """Fifteen metrics, of which the first tells right from wrong of code; all else is noise."""
    data, metrics = table(600), 15
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.05, 0.95, (600, metrics))
    chance = np.where(data.kinds == "code", values[:, 0], 0.5)
    return replace(
        data,
        metrics=tuple(f"m{n}" for n in range(metrics)),
        needs=(frozenset({"samples"}),) * metrics,
        alone=(True,) * metrics,
        values=values,
        labels=(rng.random(600) < chance).astype(float),
    )


def test_a_kind_is_pulled_only_where_its_own_records_say_so() -> None:
    """Noise is pulled hard and what tells is not, and each kind has the maps of its own pull."""
    told = one_kind_told(5)
    code = told.kinds == "code"
    least, most = 1e-6, 0.1
    loose, tight = (Form("bent", (5, 50, 95), shrink=shrink) for shrink in (least, most))
    form = chosen(told, (loose,), (least, most))
    assert dict(form.pulls) == {"code": least, "math": most}
    mixed, pulled_little, pulled_hard = (
        fit(told, one).logits(told) for one in (replace(form, scales=()), loose, tight)
    )
    assert mixed[code].tolist() == pulled_little[code].tolist()
    assert mixed[~code].tolist() == pulled_hard[~code].tolist()
    assert not np.allclose(mixed[~code], pulled_little[~code])


def test_a_kind_that_claims_too_much_is_scaled_down() -> None:
    """On held-out logits: noise that was learned by heart is not believed, a true value is."""
    told = one_kind_told(6)
    code = told.kinds == "code"
    loose = Form("bent", (5, 50, 95), shrink=1e-6)
    form = chosen(told, (loose,), (1e-6,))
    (_, added, times), (_, math_added, math_times) = form.scales
    assert math_times < times < 1.0
    plain, scaled = (fit(told, replace(form, scales=one)).logits(told) for one in ((), form.scales))
    assert np.allclose(scaled[code], added + times * plain[code])
    assert np.allclose(scaled[~code], math_added + math_times * plain[~code])


def test_the_scale_is_that_of_the_labels() -> None:
    """What the labels were drawn by is found; what ranks upside down counts for nothing."""
    rng = np.random.default_rng(7)
    logits = rng.normal(0.0, 3.0, 40_000)
    mass = np.full(len(logits), 1 / len(logits))
    for added, times in ((-1.0, 0.5), (0.3, 1.4)):
        right = rng.random(len(logits)) < 1 / (1 + np.exp(-(added + times * logits)))
        found = scale_of(logits, right.astype(float), mass)
        assert found == pytest.approx((added, times), abs=0.05)
    upside_down = rng.random(len(logits)) < 1 / (1 + np.exp(logits))
    assert scale_of(logits, upside_down.astype(float), mass)[1] == pytest.approx(0.0)


def test_assignments_part_sources_differently() -> None:
    """Each assignment keeps sources whole, puts them into other folds, and is crossed by itself."""
    original = table()
    parted = [folds(original.groups, OUTER, one) for one in ASSIGNMENTS]
    assert len({tuple(fold.tolist()) for fold in parted}) == len(ASSIGNMENTS) == 5
    for one, fold in zip(ASSIGNMENTS, parted, strict=True):
        turned = replace(original, labels=np.where(fold == 3, 1 - original.labels, original.labels))
        before, after = (
            crossed(each, out_of_fold(each, (BENT,), one)[0], one) for each in (original, turned)
        )
        assert np.allclose(before[fold == 3], after[fold == 3])
        assert not np.allclose(before[fold != 3], after[fold != 3])

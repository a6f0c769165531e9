"""Renderings are as they were reviewed, and the same with Helm 3 and 4."""

from __future__ import annotations

import pytest

from tests.helm.rendering import golden, rendered, scenarios
from tests.helm.write import GOLDEN

MADE = "run `make chart`"


@pytest.mark.parametrize("scenario", scenarios())
def test_renderings_are_as_reviewed(scenario: str) -> None:
    """Each scenario renders what its golden file holds: a change shows what it does."""
    path = GOLDEN / f"{scenario}.yaml"
    assert golden(rendered(scenario)) == path.read_text(encoding="utf-8"), MADE


def test_there_is_a_golden_file_for_each_scenario() -> None:
    """And none for a scenario that is gone."""
    assert sorted(path.stem for path in GOLDEN.glob("*.yaml")) == scenarios()


@pytest.mark.parametrize("scenario", scenarios())
def test_helm_3_and_4_render_the_same(scenario: str) -> None:
    """Object by object."""
    assert rendered(scenario, 3) == rendered(scenario, 4)

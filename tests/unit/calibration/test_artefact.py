"""Artefacts: what is read, what is refused, and what names them."""

from __future__ import annotations

import copy
import json
from importlib.resources import files
from typing import Any

import pytest

from plimsoll.calibration.artefact import parse_artefact
from plimsoll.domain.confidence import ConfidenceStatus
from plimsoll.domain.errors import ConfigurationError

PRIOR: dict[str, Any] = json.loads(
    files("plimsoll.calibration").joinpath("prior.json").read_text(encoding="utf-8")
)


def changed(**model: Any) -> str:
    """The prior with other entries in its model."""
    document = copy.deepcopy(PRIOR)
    document["model"].update(model)
    return json.dumps(document)


def test_the_prior_that_ships_can_be_read() -> None:
    """It is a prior, on more than a thousand labels, and says from which data."""
    artefact = parse_artefact(json.dumps(PRIOR))
    assert artefact.status is ConfidenceStatus.PRIOR
    assert artefact.labels > 1_000
    assert PRIOR["data"]["sets"]
    assert PRIOR["cross_validation"]["auroc_by_set"]


def test_the_baseline_is_no_input() -> None:
    """Length is reported beside the confidence and never part of it."""
    metrics = {part.metric for part in parse_artefact(json.dumps(PRIOR)).inputs}
    assert "response_length" not in metrics


def test_the_id_follows_what_decides_numbers() -> None:
    """Notes leave the ID alone; an intercept changes it."""
    original = parse_artefact(json.dumps(PRIOR)).calibration_id
    noted = parse_artefact(json.dumps({**PRIOR, "what": "another note"})).calibration_id
    moved = parse_artefact(changed(intercepts={"any": 0.5})).calibration_id
    assert original == noted != moved
    assert original.startswith("prior-")


def with_input(**part: Any) -> str:
    """The prior with other entries in its first input."""
    document = copy.deepcopy(PRIOR)
    document["model"]["inputs"][0].update(part)
    return json.dumps(document)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        json.dumps({**PRIOR, "schema": 1}),
        json.dumps({"schema": 1}),
        changed(base_variances={"any": 0.0}),
        changed(intercepts={"code": 0.0}),
        changed(status="splendid"),
        changed(inputs=[{"metric": "x"}]),
        with_input(knots=[0.0, 1.0], shifts={"any": [0.2, 0.1]}),
        with_input(knots=[0.0, 1.0], shifts={"any": [0.2]}),
        with_input(knots=[0.0, 1.0], shifts={"code": [0.1, 0.2]}),
        with_input(knots=[1.0, 1.0], shifts={"any": [0.1, 0.2]}),
        with_input(knots=[0.0], shifts={"any": [0.1]}),
        with_input(knots=[0.0, float("inf")], shifts={"any": [0.1, 0.2]}),
    ],
)
def test_a_broken_artefact_is_a_configuration_error(text: str) -> None:
    """Whatever is wrong, the error says that the artefact cannot be read and what to do."""
    with pytest.raises(ConfigurationError, match="fit it again or reinstall"):
        parse_artefact(text)

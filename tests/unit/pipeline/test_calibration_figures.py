"""How old what scores rest on is, as telemetry says it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files

import pytest

from plimsoll.calibration.artefact import parse_artefact
from plimsoll.calibration.combine import Combination
from plimsoll.calibration.judges.table import learned, parse_table
from plimsoll.domain.errors import ConfigurationError
from plimsoll.pipeline.calibration_figures import tell_calibrations
from plimsoll.ports.telemetry import CALIBRATION_MADE
from tests.support.counting_telemetry import Figures

PRIOR = files("plimsoll.calibration").joinpath("prior.json").read_text(encoding="utf-8")
DAY = date(2026, 2, 3)
AT = datetime(2026, 2, 3, tzinfo=UTC).timestamp()


def dated(day: str | None) -> str:
    """The prior that ships, made on another day, or saying none."""
    document = json.loads(PRIOR)
    document.pop("made_on")
    return json.dumps(document if day is None else {**document, "made_on": day})


def test_each_calibration_says_when_it_was_made() -> None:
    """The combination and the judges' reliability, apart."""
    figures = Figures()
    combination = Combination(parse_artefact(dated(DAY.isoformat())))
    tell_calibrations(figures, combination, replace(learned(()), made_on=DAY))
    assert figures.totals == {
        (CALIBRATION_MADE.name, "confidence"): AT,
        (CALIBRATION_MADE.name, "judges"): AT,
    }


def test_what_does_not_say_is_not_told() -> None:
    """Neither a file's time nor today stands in for a day that nobody wrote down."""
    figures = Figures()
    tell_calibrations(figures, Combination(parse_artefact(dated(None))), learned(()))
    assert figures.totals == {}


def test_the_combination_that_ships_says_when_it_was_fitted() -> None:
    """Its age can be told."""
    assert Combination.load_prior().made_on is not None


def test_the_day_decides_no_number() -> None:
    """Another day, the same ID; a day that is none is refused."""
    prior = parse_artefact(PRIOR)
    assert parse_artefact(dated("2020-01-01")).calibration_id == prior.calibration_id
    with pytest.raises(ConfigurationError, match="calibration artefact cannot be read"):
        parse_artefact(dated("yesterday"))


def test_a_reliability_table_keeps_its_day() -> None:
    """It is written and read back, equal to one without, and of the same ID."""
    table = learned(())
    read = parse_table(replace(table, made_on=DAY).text())
    assert (read.made_on, read, read.reliability_id) == (DAY, table, table.reliability_id)
    assert parse_table(table.text()).made_on is None

"""Metrics register by entry points, ours and those of other distributions alike."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.metric import Family
from plimsoll.metrics.registry import GROUP, load, registered_metrics
from plimsoll.metrics.response_length import ResponseLength


def point(name: str, value: str) -> EntryPoint:
    """An entry point of our group."""
    return EntryPoint(name, value, GROUP)


def test_an_entry_point_gives_its_class() -> None:
    """What is loaded is the class that the entry point names."""
    [(name, make)] = load([point("a", "plimsoll.metrics.response_length:ResponseLength")])
    assert (name, make) == ("a", ResponseLength)


def test_one_name_belongs_to_one_metric() -> None:
    """Two distributions with a metric of one name are told, and neither wins in silence."""
    points = [point("a", "one:A"), point("a", "plimsoll.metrics.response_length:ResponseLength")]
    with pytest.raises(ConfigurationError, match="registered twice"):
        load(reversed(points))


@pytest.mark.parametrize("value", ["no.such.module:A", "plimsoll.metrics.words:NoSuchClass"])
def test_what_cannot_be_loaded_is_named(value: str) -> None:
    """A broken distribution stops the start with its name, not a result with a missing score."""
    with pytest.raises(ConfigurationError, match=f"'a' of .{value}.* cannot be loaded"):
        load([point("a", value)])


def test_the_order_is_by_family_then_name() -> None:
    """Scores are reported in one order, whatever the order of installation."""
    families = list(Family)
    order = [(families.index(m.spec.family), m.spec.name) for m in registered_metrics()]
    assert order == sorted(order)

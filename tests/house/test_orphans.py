"""Nothing is listed that is not there, and nothing is there that is not listed."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from pydantic import BaseModel

from plimsoll.metrics.registry import default_metrics
from plimsoll.settings.model import Settings
from plimsoll.settings.topic_catalogue import topic_roles
from plimsoll.settings.topics import TopicNames
from tests.house.tree import CODE


def undocumented(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Settings without a word about them."""
    for name, found in model.model_fields.items():
        section = found.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            yield from undocumented(section, f"{prefix}{name}.")
        elif not found.description:
            yield f"{prefix}{name}"


def test_every_topic_has_its_role_and_name() -> None:
    """Roles of the catalogue and names in the settings are the same six."""
    assert {role.role for role in topic_roles()} == set(TopicNames.model_fields)


def test_every_setting_says_what_it_is_for() -> None:
    """Each field of the settings has a description, from which its documentation is made."""
    assert list(undocumented(Settings)) == []


def test_every_metric_is_registered_under_the_name_of_its_file() -> None:
    """A module of a metric holds one that is registered, and every registered one has its own."""
    registered = {metric.spec.name for metric in default_metrics()}
    written = set()
    for path in (CODE / "metrics").glob("*.py"):
        module = importlib.import_module(f"plimsoll.metrics.{path.stem}")
        own = [thing for thing in vars(module).values() if isinstance(thing, type)]
        if any(thing.__module__ == module.__name__ and hasattr(thing, "spec") for thing in own):
            written.add(path.stem)
    assert written == registered


def test_every_metric_is_named_once() -> None:
    """No two registered metrics share a name."""
    names = [metric.spec.name for metric in default_metrics()]
    assert len(names) == len(set(names))

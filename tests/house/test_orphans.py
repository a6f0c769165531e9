"""Nothing is listed that is not there, and nothing is there that is not listed."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Iterator

from pydantic import BaseModel

from plimsoll.metrics.registry import GROUP, registered_metrics
from plimsoll.settings.model import Settings
from plimsoll.settings.topic_catalogue import topic_roles
from plimsoll.settings.topics import TopicNames
from tests.house.tree import CODE, ROOT


def undocumented(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Settings without a word about them."""
    for name, found in model.model_fields.items():
        section = found.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            yield from undocumented(section, f"{prefix}{name}.")
        elif not found.description:
            yield f"{prefix}{name}"


def test_every_topic_has_its_role_and_name() -> None:
    """Roles of the catalogue and names in the settings are the same seven."""
    assert {role.role for role in topic_roles()} == set(TopicNames.model_fields)


def test_every_setting_says_what_it_is_for() -> None:
    """Each field of the settings has a description, from which its documentation is made."""
    assert list(undocumented(Settings)) == []


def test_every_metric_is_registered_under_the_name_of_its_file() -> None:
    """A module of a metric holds one that is registered, and every registered one has its own."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ours = project["entry-points"][GROUP]
    written = {}
    for path in (CODE / "metrics").glob("*.py"):
        module = importlib.import_module(f"plimsoll.metrics.{path.stem}")
        for thing in vars(module).values():
            own = isinstance(thing, type) and thing.__module__ == module.__name__
            if own and hasattr(thing, "spec"):
                written[path.stem] = f"{module.__name__}:{thing.__name__}"
    assert written == ours
    assert set(ours) <= {metric.spec.name for metric in registered_metrics()}


def test_entry_points_stand_in_order() -> None:
    """The list of metrics is sorted, so that two who add one do not meet in the same line."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = list(project["entry-points"][GROUP])
    assert names == sorted(names)

"""The chart's values, its schema and its reference agree with each other and with the code."""

from __future__ import annotations

import json

import yaml

from plimsoll.settings.fields import every_setting
from plimsoll.settings.model import Settings
from tests.helm.readme import readme
from tests.helm.schema import values_schema
from tests.helm.settings_schema import DECIDED, secrets, settings_schema
from tests.helm.values_file import CHART, Value, values
from tests.house.tree import CODE

MADE = "run `make chart`"


def test_the_schema_is_fresh() -> None:
    """values.schema.json is what the comments of values.yaml and the settings say."""
    found = (CHART / "values.schema.json").read_text(encoding="utf-8")
    assert found == values_schema(), MADE


def test_the_readme_is_fresh() -> None:
    """README.md lists the values as values.yaml has them."""
    assert (CHART / "README.md").read_text(encoding="utf-8") == readme(), MADE


def test_the_topics_are_the_codes() -> None:
    """The catalogue that Strimzi's topics are made from is the one of `plimsoll topics apply`."""
    ours = (CHART / "files" / "topics.yaml").read_text(encoding="utf-8")
    assert ours == (CODE / "settings" / "topics.yaml").read_text(encoding="utf-8"), MADE


def leaves(schema: dict[str, object], prefix: str = "") -> set[str]:
    """Dotted names of all settings in a schema of `config`."""
    found: set[str] = set()
    properties = schema["properties"]
    assert isinstance(properties, dict)
    for name, inner in properties.items():
        if "properties" in inner:
            found |= leaves(inner, f"{prefix}{name}.")
        else:
            found.add(f"{prefix}{name}")
    return found


def test_every_setting_can_be_set_and_nothing_else() -> None:
    """A setting is in `config`, is decided by another value, or is secret: one of the three."""
    known = {setting.name for setting in every_setting(Settings)}
    free = leaves(settings_schema())
    assert free | DECIDED.keys() | secrets() == known
    assert not free & (DECIDED.keys() | secrets())


def test_the_defaults_of_config_are_the_codes() -> None:
    """What values.yaml repeats of the settings' defaults is what the code has."""
    (config,) = (value for value in values() if value.name == "config")
    assert config.default["topics"] == Settings().topics.model_dump()


def every_value() -> list[Value]:
    """All values with their children."""
    return [inner for value in values() for inner in value.walk()]


def test_every_value_is_used_by_a_template() -> None:
    """The last part of each value's name stands in some template."""
    templates = "\n".join(
        path.read_text(encoding="utf-8") for path in (CHART / "templates").rglob("*.*")
    )
    unused = []
    for value in every_value():
        whole = any(value.path[: len(parent)] == parent for parent in _handed_on_whole(templates))
        if not whole and value.path[-1] not in templates:
            unused.append(value.name)
    assert unused == []


def _handed_on_whole(templates: str) -> list[tuple[str, ...]]:
    """Values whose inside is no business of the templates."""
    del templates
    opaque = [v.path for v in every_value() if "k8s" in v.bounds or "settings" in v.bounds]
    return [*opaque, ("scorerDefaults", "autoscaling", "keda", "behavior")]


def test_every_value_says_what_it_is_for_or_is_kubernetes_own() -> None:
    """A value without a comment bears the name of the field of Kubernetes that it sets."""
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    assert set(schema["properties"]) == {value.name for value in values()} | {"enabled"}
    mute = [value.name for value in values() if not value.says]
    assert mute == []


def test_the_chart_depends_on_no_other() -> None:
    """No bundled database or broker, and Helm asks for a Kubernetes that has what we use."""
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert "dependencies" not in chart
    assert chart["kubeVersion"] == ">=1.30.0-0"

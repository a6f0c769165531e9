"""The reference of settings says what the model says."""

from __future__ import annotations

from plimsoll.settings.docs import settings_reference
from plimsoll.settings.fields import every_setting
from plimsoll.settings.model import Settings
from plimsoll.settings.topic_catalogue import topic_roles
from plimsoll.settings.topics import TopicNames
from tests.house.tree import ROOT


def test_the_settings_reference_is_fresh() -> None:
    """docs/settings.md is what `plimsoll settings docs` prints."""
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert written == settings_reference(), "plimsoll settings docs --out docs/settings.md"


def test_every_setting_is_described() -> None:
    """No setting is without a sentence that says what it does."""
    mute = [s.name for s in every_setting(Settings) if not (s.field.description or "").strip()]
    assert mute == []


def test_no_topic_is_an_orphan() -> None:
    """Every topic that has a name has a layout, and every layout has a name."""
    assert {role.role for role in topic_roles()} == set(TopicNames.model_fields)

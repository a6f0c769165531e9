"""The topics as data: partitions, retention, key and value of each role, from `topics.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from plimsoll.settings.topics import TopicNames


@dataclass(frozen=True, slots=True)
class TopicRole:
    """What one topic is for and how it is laid out; `retention` None keeps records for ever."""

    role: str
    what: str
    key: str
    value: str
    partitions: int
    retention: timedelta | None
    cleanup: str
    max_message_bytes: int
    keeps_partitions: bool

    @property
    def configs(self) -> tuple[tuple[str, str], ...]:
        """The brokers' own names and values."""
        retention_ms = (
            -1 if self.retention is None else int(self.retention / timedelta(milliseconds=1))
        )
        return (
            ("cleanup.policy", self.cleanup),
            ("max.message.bytes", str(self.max_message_bytes)),
            ("retention.ms", str(retention_ms)),
        )


@cache
def topic_roles() -> tuple[TopicRole, ...]:
    """Every role, in the order of the file."""
    text = files("plimsoll.settings").joinpath("topics.yaml").read_text(encoding="utf-8")
    return tuple(_role(role, facts) for role, facts in yaml.safe_load(text).items())


def named_topics(names: TopicNames) -> tuple[tuple[str, TopicRole], ...]:
    """Each role with the name that settings give it."""
    return tuple((str(getattr(names, role.role)), role) for role in topic_roles())


def _role(role: str, facts: dict[str, Any]) -> TopicRole:
    retention = str(facts.pop("retention"))
    days = None if retention == "unlimited" else timedelta(days=int(retention.removesuffix("d")))
    return TopicRole(role=role, retention=days, **facts)

"""The least that each component must be allowed on the brokers, from the settings.

Operations, resources and patterns are named as Kafka's `kafka-acls.sh` names them. A right to read
or to write brings the right to describe with it.
https://kafka.apache.org/documentation/#operations_resources_and_protocols
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from plimsoll.settings.model import Settings


class Resource(StrEnum):
    """What a right is about."""

    TOPIC = "topic"
    GROUP = "group"


class Pattern(StrEnum):
    """Whether a right is about one name, or about all that begin with it."""

    LITERAL = "literal"
    PREFIXED = "prefixed"


@dataclass(frozen=True, slots=True)
class Right:
    """Operations on a resource."""

    resource: Resource
    name: str
    operations: tuple[str, ...]
    pattern: Pattern = Pattern.LITERAL


def kafka_rights(settings: Settings) -> Mapping[str, tuple[Right, ...]]:
    """By component: scorer, indexer, query, observer, and jobs, which make topics and look."""
    topics = settings.topics
    groups = (settings.scorer.group_id, settings.indexer.group_id, settings.observer.app_id)
    return {
        "scorer": (
            _topic(topics.results, "Read"),
            _topic(topics.rescores, "Read", "Write"),
            _topic(topics.scores, "Write"),
            _topic(topics.dead_letters, "Write"),
            _topic(topics.calibrations, "Read"),
            _group(settings.scorer.group_id),
        ),
        "indexer": (
            _topic(topics.scores, "Read"),
            _topic(topics.dead_letters, "Read"),
            _topic(topics.erasures, "Read", "Write"),
            _group(settings.indexer.group_id),
        ),
        "query": (_topic(topics.feedback, "Write"), _topic(topics.calibrations, "Read")),
        "observer": (
            _topic(topics.scores, "Read"),
            _topic(topics.quality, "Write"),
            _topic(topics.feedback, "Read"),
            _topic(topics.calibrations, "Read", "Write"),
            _group(settings.observer.app_id),
            # faust's changelog, which the observer creates itself.
            Right(
                Resource.TOPIC,
                f"{settings.observer.app_id}-",
                ("Create", "Read", "Write", "DescribeConfigs"),
                Pattern.PREFIXED,
            ),
        ),
        # `plimsoll topics apply` and `plimsoll doctor`.
        "jobs": (
            *(
                _topic(name, "Create", "Describe", "DescribeConfigs")
                for name in sorted(topics.model_dump().values())
            ),
            *(Right(Resource.GROUP, name, ("Describe",)) for name in groups),
        ),
    }


def _topic(name: str, *operations: str) -> Right:
    return Right(Resource.TOPIC, name, operations)


def _group(name: str) -> Right:
    return Right(Resource.GROUP, name, ("Read",))

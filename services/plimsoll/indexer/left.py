"""What an order to erase cannot reach, for the receipt to say so."""

from __future__ import annotations

from plimsoll.settings.model import Settings
from plimsoll.settings.topic_catalogue import named_topics

# What records hold that no order reaches, by the role of their topic.
_LEFT = {
    "results": "the results themselves",
    "rescores": "results that were held back",
    "scores": "numbers and IDs of scored results, and evidence that was not sealed",
    "feedback": "labels with their comments",
    "calibrations": "what labels have taught, in sums, under the tenant's name",
    "dead_letters": "what could not be scored, with its bytes",
}

_BACKUPS = (
    "backups of evidence's keys: destroyed keys, until these or the master key that wraps them is"
    " destroyed (evidence.*)"
)


def what_is_left(settings: Settings) -> list[str]:
    """What stays on topics and in backups after every order, and until when."""
    found: list[str] = []
    for name, role in named_topics(settings.topics):
        if role.role in _LEFT:
            days = "for ever" if role.retention is None else f"{role.retention.days} days"
            found.append(f"{name}: {_LEFT[role.role]}, {days} unless its retention was changed")
    if settings.evidence.has_keys:
        found.append(_BACKUPS)
    return found

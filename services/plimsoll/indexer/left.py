"""What an order to erase cannot reach, for the receipt to say so."""

from __future__ import annotations

from plimsoll.settings.model import Settings
from plimsoll.settings.topic_catalogue import named_topics

# What records hold that no order reaches, by the role of their topic.
_LEFT = {
    "results": "the results themselves",
    "rescores": "results that were held back",
    "scores": "numbers, IDs and evidence of scored results",
    "feedback": "labels with their comments",
    "dead_letters": "what could not be scored, with its bytes",
}


def what_is_left(settings: Settings) -> list[str]:
    """What stays on topics after every order, and until when."""
    found = []
    for name, role in named_topics(settings.topics):
        if role.role in _LEFT:
            days = "for ever" if role.retention is None else f"{role.retention.days} days"
            found.append(f"{name}: {_LEFT[role.role]}, {days} unless its retention was changed")
    return found

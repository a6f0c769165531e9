"""Which responses mean the same, by a declared rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plimsoll.domain.score import Evidence, evidence
from plimsoll.metrics.canonical import canonical
from plimsoll.metrics.last import Last
from plimsoll.metrics.reading import Reading, normal_forms

# One label for each distinct text of a reading; the same label is the same meaning.
Labelling = Callable[[Reading], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Meanings:
    """The meaning of each response, the delivered one first, by the rule of this name.

    `sizes` counts the responses of each meaning, the most frequent first; `evidence` tells it.
    """

    rule: str
    labels: tuple[str, ...]
    sizes: tuple[int, ...]
    evidence: Evidence


def meanings(reading: Reading, rule: str, labelling: Labelling) -> Meanings:
    """The meanings that a rule tells apart; the order of responses decides nothing but `labels`."""
    of_text = labelling(reading)
    labels = tuple([of_text[answer] for answer in reading.answers])
    sizes = tuple(sorted(Counter(labels).values(), reverse=True))
    return Meanings(rule, labels, sizes, _told(sizes))


def _told(sizes: tuple[int, ...]) -> Evidence:
    """How many meanings there are, and how many responses have each."""
    more = ", ..." if len(sizes) > 16 else ""
    text = f"{len(sizes)} different answers: {', '.join(map(str, sizes[:16]))}{more}"
    return evidence(kind="clusters", ref="alternatives", text=text)


def canonical_labels(reading: Reading) -> list[str]:
    """Canonical forms, by the rule `canonical-form`.

    Two responses mean the same if both read as the same JSON, number, date or choice's letter,
    or else have the same normal form. It cannot see paraphrases.
    """
    return [
        canonical(text, normal)
        for text, normal in zip(reading.texts, normal_forms(reading), strict=True)
    ]


def canonical_meanings(reading: Reading) -> Meanings:
    """What responses mean by their canonical forms; made once for the metrics of one result."""
    return _last.of(reading)


def _canonical_meanings(reading: Reading) -> Meanings:
    return meanings(reading, "canonical-form", canonical_labels)


_last = Last(_canonical_meanings)

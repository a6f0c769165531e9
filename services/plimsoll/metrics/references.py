"""A response beside the right answers that came with it: what all reference metrics share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.words import folded, normal_text, words

MAX_CHARS = 1_000_000


@dataclass(frozen=True, slots=True)
class Compared:
    """A response and its distinct right answers that are not empty, in the order given."""

    response: str
    references: tuple[str, ...]
    places: tuple[int, ...]


def chars(result: LlmResult) -> int:
    """Characters of the response, once for each right answer, and of the right answers."""
    references = result.expectations.references if result.expectations else ()
    return len(result.response.text) * max(1, len(references)) + sum(map(len, references))


def compared(result: LlmResult, limit: int = MAX_CHARS) -> Compared | Absence:
    """What there is to compare; an absence where no right answer has text or it is too much."""
    assert result.expectations is not None  # noqa: S101 - `needs` has been checked
    places: dict[str, int] = {}
    for place, reference in enumerate(result.expectations.references):
        if reference.strip():
            places.setdefault(reference, place)
    if not places:
        return Absence(AbsenceReason.INPUT_MISSING, "the reference answers have no text")
    size = len(result.response.text) * len(places) + sum(map(len, places))
    if size > limit:
        return Absence(AbsenceReason.INPUT_TOO_LARGE, f"{size} characters, {limit} allowed")
    return Compared(result.response.text, tuple(places), tuple(places.values()))


def best(texts: Compared, likeness: Callable[[str, str], float], **provenance: str) -> Measurement:
    """The highest of the response's likenesses to right answers, and to which one it is."""
    values = [likeness(texts.response, reference) for reference in texts.references]
    value = max(values)
    place = texts.places[values.index(value)]
    return Measurement(
        value=min(1.0, value),
        raw_value=value,
        evidence=(Evidence(kind="reference", ref=f"expectations.references[{place}]"),),
        provenance=(("references", str(len(values))), *provenance.items()),
    )


def answer_words(text: str) -> list[str]:
    """Words without case, punctuation and articles; a text without any is one word, itself."""
    lowered = folded(text)
    return normal_text(lowered, words(lowered)).split(" ")

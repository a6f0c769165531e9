"""Share of the names in the response that the context has."""

from __future__ import annotations

from itertools import chain

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.citations import citation_marks
from plimsoll.metrics.given import (
    chars,
    known_words,
    request_texts,
    response_sentences,
    response_word_spans,
    too_large,
)
from plimsoll.metrics.names import Name, names
from plimsoll.metrics.words import folded, words

MAX_EVIDENCE = 16


class EntityContainment:
    """Names of the response all of whose words stand in the context, a plural s aside.

    Names are told by their capitals, see `names`; scripts without capitals have none. A name that
    only repeats the request is not counted, and neither is a mark that cites: they claim nothing
    about the context.
    """

    spec = MetricSpec(
        name="entity_containment",
        version="2",
        family=Family.GROUNDING,
        summary="Share of the response's names that stand in the context.",
        needs=(Need.CONTEXT, Need.RESPONSE_TEXT),
        source="entity containment, after Nan et al., arXiv:2102.09130",
        raw_scale="names without support",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once, and the response once more word by word."""
        return 100 + chars(result) + 8 * len(result.response.text)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence is the names without support."""
        problem = too_large(result)
        if problem is not None:
            return problem
        found = _own_names(result)
        known = known_words(result) if found else frozenset()
        missing = [name for name in found if not _supported(name, known)]
        if missing:
            echo = _words_of(request_texts(result))
            kept = [name for name in missing if not _supported(name, echo)]
            counted = len(found) - len(missing) + len(kept)
        else:
            kept, counted = [], len(found)
        if not counted:
            return Absence(AbsenceReason.NOT_APPLICABLE, "the response gives no name of its own")
        return measurement(
            value=1.0 - len(kept) / counted,
            raw_value=float(len(kept)),
            evidence=tuple(_evidence(result.response.text, name) for name in kept[:MAX_EVIDENCE]),
            provenance=(("names", str(counted)),),
        )


def _own_names(result: LlmResult) -> list[Name]:
    text = result.response.text
    found = names(text, response_word_spans(result), response_sentences(result))
    if not found or ("[" not in text and "(" not in text and "\u3010" not in text):
        return found
    marks = citation_marks(text, [document.id for document in result.context])
    return [
        name
        for name in found
        if not any(start <= name.start and name.end <= end for start, end in marks)
    ]


def _words_of(texts: list[str]) -> frozenset[str]:
    return frozenset(chain.from_iterable(words(folded(text)) for text in texts))


def _supported(name: Name, known: frozenset[str]) -> bool:
    return all(
        part in known or f"{part}s" in known or (part[-1:] == "s" and part[:-1] in known)
        for word in name.words
        for part in words(word)
    )


def _evidence(text: str, name: Name) -> Evidence:
    return Evidence(
        kind="unsupported_name",
        ref="response.text",
        start=name.start,
        end=name.end,
        text=text[name.start : name.end][:200],
    )

"""What the response claims, sentence by sentence, and where in the context each may be borne."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.quick import quick
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence, evidence
from plimsoll.metrics.given import context_words, response_sentences, too_large
from plimsoll.metrics.last import Last
from plimsoll.metrics.passages import passages
from plimsoll.metrics.stopwords import STOPWORDS
from plimsoll.metrics.words import folded, words

PASSAGE_WORDS = 80
# Meetings of a word of the response and a passage that holds it; a second is about two million.
MAX_MEETINGS = 1_000_000
MAX_EVIDENCE = 8


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text: half-open offsets in code points, and the field or document it is of."""

    ref: str
    start: int
    end: int
    text: str


_span = quick(Span)


@dataclass(frozen=True, slots=True)
class Claims:
    """Sentences of the response that claim something, and passages of the context.

    `overlaps[i]` maps passages (by their place) to the share of sentence i's content words that
    they have; a passage without any is not in it.
    """

    sentences: tuple[Span, ...]
    passages: tuple[Span, ...]
    overlaps: tuple[dict[int, float], ...]

    def nearest(self, sentence: int, most: int) -> list[int]:
        """The passages that share most words with a sentence, best first; the first where none."""
        shares = self.overlaps[sentence]
        found = sorted(shares, key=lambda passage: (-shares[passage], passage))[:most]
        return found or list(range(min(most, len(self.passages))))


def claims_of(result: LlmResult) -> Claims | Absence:
    """The result's claims, read once for all metrics; absent where there is none or too much.

    A sentence claims something where it has a word besides function words and is no question.
    """
    return _last.of(result)


def work_of(result: LlmResult) -> int:
    """Elementary steps of reading a result's claims."""
    context = sum(len(document.text) for document in result.context)
    response = len(result.response.text)
    return 300 + 4 * context + 6 * response + (response // 4) * (context // 400)


def evidence_of(
    claims: Claims, kind: str, verdicts: list[tuple[int, float, int | None]]
) -> tuple[Evidence, ...]:
    """Sentences, each with the passage that bears it best: (sentence, number, passage)."""
    found: list[Evidence] = []
    for place, _, passage in verdicts[:MAX_EVIDENCE]:
        sentence = claims.sentences[place]
        found.append(
            evidence(kind, sentence.ref, sentence.start, sentence.end, sentence.text[:200])
        )
        if passage is not None:
            best = claims.passages[passage]
            found.append(evidence("passage", best.ref, best.start, best.end, best.text[:100]))
    return tuple(found)


def _read(result: LlmResult) -> Claims | Absence:
    problem = too_large(result)
    if problem is not None:
        return problem
    english = result.language.partition("-")[0].lower() in {"", "en"}
    skipped = STOPWORDS if english else frozenset()
    spans: list[Span] = []
    contents: list[list[str]] = []
    text = result.response.text
    for start, end in response_sentences(result):
        content = sorted({w for w in words(folded(text[start:end])) if w not in skipped})
        if content and text[end - 1] not in "?\uff1f":
            spans.append(_span("response.text", start, end, text[start:end]))
            contents.append(content)
    if not spans:
        return Absence(AbsenceReason.NOT_APPLICABLE, "the response has no sentence that claims")
    found, known = _passages(result)
    if not found:
        return Absence(AbsenceReason.INPUT_MISSING, "the context documents are blank")
    overlaps = _overlaps(contents, found, known)
    if isinstance(overlaps, Absence):
        return overlaps
    return Claims(tuple(spans), found, overlaps)


def _passages(result: LlmResult) -> tuple[tuple[Span, ...], list[list[str]]]:
    """The passages of the context, and the words of each."""
    found: list[Span] = []
    known: list[list[str]] = []
    for place, (document, given) in enumerate(
        zip(result.context, context_words(result), strict=True)
    ):
        text, ref = document.text, f"context[{place}]"
        # Only in ASCII is each word one word when folded, too.
        plain = text.isascii()
        pieces = passages(text, PASSAGE_WORDS, len(given) if plain else None)
        for start, end, first, last in pieces:
            piece = _span(ref, start, end, text[start:end])
            found.append(piece)
            if plain:
                known.append(given[first:last])
            else:
                known.append(given if len(pieces) == 1 else words(folded(piece.text)))
    return tuple(found), known


def _overlaps(
    contents: list[list[str]], found: tuple[Span, ...], known: list[list[str]]
) -> tuple[dict[int, float], ...] | Absence:
    asked = {word for content in contents for word in content}
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for place, given in enumerate(known):
        for word in asked.intersection(given):
            holders[word].append(place)
    meetings = sum(len(holders[word]) for content in contents for word in content)
    if meetings > MAX_MEETINGS:
        detail = f"{len(contents)} sentences and {len(found)} passages are too many to compare"
        return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
    overlaps = []
    for content in contents:
        met: dict[int, int] = {}
        for word in content:
            for place in holders[word]:
                met[place] = met.get(place, 0) + 1
        overlaps.append({place: count / len(content) for place, count in met.items()})
    return tuple(overlaps)


_last: Last[LlmResult, Claims | Absence] = Last(_read)

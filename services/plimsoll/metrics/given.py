"""What a model was given, apart: the context that bears an answer, and the request it may echo."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.last import Last
from plimsoll.metrics.passages import sentences
from plimsoll.metrics.reading import MAX_CHARS
from plimsoll.metrics.words import folded, word_spans, words


def request_texts(result: LlmResult) -> list[str]:
    """Texts of the request's messages; what the model itself said before is not given."""
    return [
        message.text
        for message in result.messages
        if message.text and message.role.lower() != "assistant"
    ]


def context_texts(result: LlmResult) -> list[str]:
    """Texts of the context documents, in their order; empty where one is kept elsewhere."""
    return [document.text for document in result.context]


def response_words(result: LlmResult) -> list[str]:
    """The response's words, read once for the metrics of one result; not to be changed."""
    return _last_response.of(result)


def response_word_spans(result: LlmResult) -> list[tuple[int, int]]:
    """Half-open offsets of the response's words as written, found once; not to be changed."""
    return _last_spans.of(result)


def response_sentences(result: LlmResult) -> list[tuple[int, int]]:
    """Half-open offsets of the response's sentences, found once; not to be changed."""
    return _last_sentences.of(result)


def context_words(result: LlmResult) -> list[list[str]]:
    """The words of each context document, read once; not to be changed."""
    return _last_context.of(result)


def known_words(result: LlmResult) -> frozenset[str]:
    """The words that any context document has."""
    return _last_known.of(result)


def chars(result: LlmResult) -> int:
    """Characters of the response, of the context and of the request."""
    request = sum(len(message.text) for message in result.messages)
    return len(result.response.text) + sum(len(d.text) for d in result.context) + request


def too_large(result: LlmResult, limit: int = MAX_CHARS) -> Absence | None:
    """The absence where all of it is more than `limit` characters."""
    size = chars(result)
    if size <= limit:
        return None
    return Absence(AbsenceReason.INPUT_TOO_LARGE, f"{size} characters, {limit} allowed")


def _response_words(result: LlmResult) -> list[str]:
    return words(folded(result.response.text))


def _response_word_spans(result: LlmResult) -> list[tuple[int, int]]:
    return word_spans(result.response.text)


def _response_sentences(result: LlmResult) -> list[tuple[int, int]]:
    return sentences(result.response.text)


def _context_words(result: LlmResult) -> list[list[str]]:
    return [words(folded(text)) for text in context_texts(result)]


def _known_words(result: LlmResult) -> frozenset[str]:
    return frozenset().union(*context_words(result))


_last_response = Last(_response_words)
_last_spans = Last(_response_word_spans)
_last_sentences = Last(_response_sentences)
_last_context = Last(_context_words)
_last_known = Last(_known_words)

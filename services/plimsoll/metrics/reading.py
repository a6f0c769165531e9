"""One result's texts, read once and shared by the metrics that compare them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.quick import quick
from plimsoll.domain.result import LlmResult, Pairs, Response, TaskKind
from plimsoll.metrics.last import Last
from plimsoll.metrics.sampling import sample_flags, sampling_provenance
from plimsoll.metrics.words import (
    code_words_of,
    folded,
    normal_formula,
    normal_lines,
    normal_text,
    number,
    words_of,
)

# More than a record may hold; a caller without that limit gets an absence, not a stall.
MAX_CHARS = 4_000_000
# Words that are coded as characters: there are so many code points.
MAX_CODED = 1_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """The response and the alternatives that can be read, in the order of the result.

    `texts` are distinct, and `words` has one entry for each; `answers[i]` is the entry of response
    i, the delivered one first. `provenance` and `flags` tell of the sampling.
    """

    form: str
    texts: tuple[str, ...]
    words: tuple[list[str], ...]
    answers: tuple[int, ...]
    provenance: Pairs
    flags: tuple[str, ...]

    @property
    def samples(self) -> int:
        """How many alternatives there are (m)."""
        return len(self.answers) - 1


_reading = quick(Reading)


def readable(response: Response) -> bool:
    """Whether a response's text is here; one that is kept elsewhere or only calls tools is not.

    An empty text is an answer where the model is known to have finished; a response that holds
    nothing at all is a producer's slip, and no sample that disagrees.
    """
    if response.text:
        return True
    return bool(response.finish_reason) and not response.content_ref and not response.tool_calls


def readable_responses(result: LlmResult) -> list[Response]:
    """The response, and each alternative that can be read."""
    alternatives = [a.response for a in result.alternatives if readable(a.response)]
    return [result.response, *alternatives]


def normal_form(result: LlmResult) -> str:
    """Which normal form this result's texts are compared in: code, formula or text."""
    if result.code is not None or result.task_kind is TaskKind.CODE:
        return "code"
    return "formula" if result.task_kind is TaskKind.MATH else "text"


def chars(result: LlmResult) -> int:
    """Characters of the response and of all alternatives."""
    return len(result.response.text) + sum([len(a.response.text) for a in result.alternatives])


def read(result: LlmResult) -> Reading | Absence:
    """The result's texts as words; an absence where they cannot be compared."""
    return _last.of(result)


def normal_forms(reading: Reading) -> tuple[str, ...]:
    """The normal form of each distinct text."""
    return _last_normal.of(reading)


def coded_words(reading: Reading) -> tuple[str, ...]:
    """The words of each distinct text as characters, one for each word, made once.

    Equal words have equal characters, so that what compares characters compares words, and sooner.
    A reading has at most `MAX_CODED` words.
    """
    return _last_coded.of(reading)


def _coded_words(reading: Reading) -> tuple[str, ...]:
    distinct = dict.fromkeys(chain.from_iterable(reading.words))
    codes = {word: chr(place) for place, word in enumerate(distinct)}
    return tuple(["".join([codes[word] for word in found]) for found in reading.words])


def _read(result: LlmResult) -> Reading | Absence:
    texts = [response.text for response in readable_responses(result)]
    if len(texts) < 2:
        return Absence(AbsenceReason.INSUFFICIENT_SAMPLES, "no alternative that can be read")
    total = chars(result)
    if total > MAX_CHARS:
        return Absence(
            AbsenceReason.INPUT_TOO_LARGE, f"{total} characters to compare, {MAX_CHARS} allowed"
        )
    form = normal_form(result)
    words_of_form = _WORDS[form]
    distinct = tuple(dict.fromkeys(texts))
    index = {text: entry for entry, text in enumerate(distinct)}
    return _reading(
        form=form,
        texts=distinct,
        words=tuple(words_of_form(distinct)),
        answers=tuple([index[text] for text in texts]),
        provenance=sampling_provenance(result, form, len(texts) - 1),
        flags=sample_flags(result, len(texts) - 1),
    )


def _normal_forms(reading: Reading) -> tuple[str, ...]:
    return tuple(map(_NORMAL[reading.form], reading.texts, reading.words))


def _normal_as_text(text: str, found: list[str]) -> str:
    lowered = folded(text)
    return number(lowered) or normal_text(lowered, found)


def _normal_as_formula(text: str, _words: list[str]) -> str:
    lowered = folded(text)
    return number(lowered) or normal_formula(lowered)


def _normal_as_code(text: str, _words: list[str]) -> str:
    return normal_lines(text)


_WORDS: dict[str, Callable[[Sequence[str]], list[list[str]]]] = {
    "text": words_of,
    "formula": words_of,
    "code": code_words_of,
}
_NORMAL: dict[str, Callable[[str, list[str]], str]] = {
    "text": _normal_as_text,
    "formula": _normal_as_formula,
    "code": _normal_as_code,
}

_last = Last(_read)
_last_normal = Last(_normal_forms)
_last_coded = Last(_coded_words)

"""One result's texts, read once and shared by the metrics that compare them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import LlmResult, Pairs, Response, TaskKind
from plimsoll.metrics.last import Last
from plimsoll.metrics.sampling import sample_flags, sampling_provenance
from plimsoll.metrics.words import (
    code_words,
    folded,
    normal_formula,
    normal_lines,
    normal_text,
    number,
    words,
)

# More than a record may hold; a caller without that limit gets an absence, not a stall.
MAX_CHARS = 4_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """The response and the alternatives that can be read, in the order of the result.

    `words` and `normal` have one entry for each distinct text; `answers[i]` is the entry of
    response i, the delivered one first. `provenance` and `flags` tell of the sampling.
    """

    form: str
    texts: tuple[str, ...]
    words: tuple[list[str], ...]
    normal: tuple[str, ...]
    answers: tuple[int, ...]
    provenance: Pairs
    flags: tuple[str, ...]

    @property
    def samples(self) -> int:
        """How many alternatives there are (m)."""
        return len(self.answers) - 1


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
    return len(result.response.text) + sum(len(a.response.text) for a in result.alternatives)


def read(result: LlmResult) -> Reading | Absence:
    """The result's texts as words and normal forms; an absence where they cannot be compared."""
    return _last.of(result)


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
    entry = _FORMS[form]
    index: dict[str, int] = {}
    for text in texts:
        index.setdefault(text, len(index))
    entries = [entry(text) for text in index]
    return Reading(
        form=form,
        texts=tuple(index),
        words=tuple(found for found, _ in entries),
        normal=tuple(normal for _, normal in entries),
        answers=tuple(index[text] for text in texts),
        provenance=sampling_provenance(result, form, len(texts) - 1),
        flags=sample_flags(result, len(texts) - 1),
    )


def _as_text(text: str) -> tuple[list[str], str]:
    lowered = folded(text)
    found = words(lowered)
    return found, number(lowered) or normal_text(lowered, found)


def _as_formula(text: str) -> tuple[list[str], str]:
    lowered = folded(text)
    return words(lowered), number(lowered) or normal_formula(lowered)


def _as_code(text: str) -> tuple[list[str], str]:
    return code_words(text), normal_lines(text)


_FORMS: dict[str, Callable[[str], tuple[list[str], str]]] = {
    "text": _as_text,
    "formula": _as_formula,
    "code": _as_code,
}


_last = Last(_read)

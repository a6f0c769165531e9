"""Whether the context has what each field of a JSON response says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.dates import calendar_date, dates_in
from plimsoll.metrics.field_evidence import weakest_field
from plimsoll.metrics.json_fields import Field, Kind, looks_like_json, response_fields
from plimsoll.metrics.numbers import numbers
from plimsoll.metrics.reading import MAX_CHARS
from plimsoll.metrics.stopwords import STOPWORDS
from plimsoll.metrics.words import folded, words

# Digits to which a number of the context has to be the field's.
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class _Known:
    """What the context's documents hold."""

    words: frozenset[str]
    numbers: frozenset[str]
    dates: frozenset[str]
    skipped: frozenset[str]


class FieldGrounding:
    """For each JSON pointer of the response, how much of the field's value the context has.

    A number is there by value, in whatever notation and as a percentage too; a date by day; of a
    string the share of its content words. Truth values, nulls and empty fields claim nothing that
    could be found. Lexical: it does not see whether the value stands there for this field. The
    value is that of the weakest field.
    """

    spec = MetricSpec(
        name="field_grounding",
        version="1",
        family=Family.STRUCTURED,
        summary="How much of the response's weakest JSON field stands in the context.",
        needs=(Need.CONTEXT, Need.RESPONSE_TEXT),
        source="content-word precision against the context, by JSON pointer (RFC 6901)",
        raw_scale="share found of the weakest field",
    )

    def work(self, result: LlmResult) -> int:
        """Reading response and context, if the response looks like JSON."""
        return 100 + (20 * _chars(result) if looks_like_json(result) else 0)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence has one for each field, the weakest first and by name."""
        fields = response_fields(result)
        if isinstance(fields, Absence):
            return fields
        total = _chars(result)
        if total > MAX_CHARS:
            return Absence(
                AbsenceReason.INPUT_TOO_LARGE, f"{total} characters to compare, {MAX_CHARS} allowed"
            )
        known = _known(result)
        shares = {pointer: _share(leaf, known) for pointer, leaf in fields.items()}
        found = {pointer: share for pointer, share in shares.items() if share is not None}
        if not found:
            return Absence(AbsenceReason.NOT_APPLICABLE, "no field has a word or a number")
        stopwords = "en" if known.skipped else "none"
        return weakest_field(
            found, provenance=(("match", "words, numbers, dates"), ("stopwords", stopwords))
        )


def _chars(result: LlmResult) -> int:
    return len(result.response.text) + sum(len(document.text) for document in result.context)


def _known(result: LlmResult) -> _Known:
    texts = [document.text for document in result.context]
    lowered = [folded(text) for text in texts]
    values = {
        form
        for text in texts
        for number in numbers(text, result.language)
        for reading in number.readings
        for form in (_digits(reading.value), *((_digits(reading.value / 100),) * number.percent))
    }
    english = result.language.partition("-")[0].lower() in {"", "en"}
    return _Known(
        words=frozenset(chain.from_iterable(words(text) for text in lowered)),
        numbers=frozenset(values),
        dates=frozenset(chain.from_iterable(dates_in(text) for text in lowered)),
        skipped=STOPWORDS if english else frozenset(),
    )


def _share(leaf: Field, known: _Known) -> float | None:
    """How much of a leaf the context has, in [0, 1]; None where it says nothing to look for."""
    look = _LOOKS.get(leaf.kind)
    return None if look is None else look(leaf.text, known)


def _share_of_number(text: str, known: _Known) -> float:
    return float(_digits(abs(float(text))) in known.numbers)


def _share_of_string(text: str, known: _Known) -> float | None:
    moment = calendar_date(text)
    if moment is not None and moment[:10] in known.dates:
        return 1.0
    content = [word for word in words(folded(text)) if word not in known.skipped]
    return sum(word in known.words for word in content) / len(content) if content else None


_LOOKS: dict[Kind, Callable[[str, _Known], float | None]] = {
    Kind.NUMBER: _share_of_number,
    Kind.STRING: _share_of_string,
}


def _digits(value: float) -> str:
    """A number by its leading digits: what arithmetic adds behind them tells nothing apart."""
    return f"{value:.{_DIGITS}g}"

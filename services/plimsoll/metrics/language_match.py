"""Whether the response is in the language that the result declares."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.given import response_words
from plimsoll.metrics.languages import (
    decided_by_script,
    fits_script,
    function_words,
    known,
    scripts,
)
from plimsoll.metrics.reading import normal_form
from plimsoll.metrics.words import folded, words

# What is read of a response: languages do not change behind it often enough to matter.
MAX_CHARS = 20_000
MIN_LETTERS = 20
MIN_HITS = 3
# A language with so many times the function words of the declared one is the text's.
_CLEARLY = 2
# Close relatives share most of their function words.
_ABOUT_AS_MANY = 0.7


class LanguageMatch:
    """1 where the response is in the declared language, 0 where it is clearly in another.

    The script decides first, then function words of 24 languages in Latin and Cyrillic script.
    Where both leave it open it abstains: short answers, names, tables, languages it has no words
    of. Blocks of code are left out.
    """

    spec = MetricSpec(
        name="language_match",
        version="1",
        family=Family.VALIDATOR,
        summary="Whether the response is in the declared language.",
        needs=(Need.RESPONSE_TEXT,),
        source="scripts and function words",
        raw_scale="share of letters in its script, or of words that are its function words",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the beginning of the response a few times."""
        return 500 + 4 * min(MAX_CHARS, len(result.response.text))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """1.0 or 0.0; `abstained` where it cannot tell."""
        problem = _unfit(result)
        if problem is not None:
            return problem
        language = known(result.language)
        # What stands between fences is code.
        text = " ".join(result.response.text[:MAX_CHARS].split("```")[::2])
        letters = scripts(text)
        if letters.total() < MIN_LETTERS:
            return Absence(AbsenceReason.ABSTAINED, f"fewer than {MIN_LETTERS} letters")
        share = fits_script(language, letters)
        if share < 0.5 or decided_by_script(language):
            return _measured(float(share >= 0.5), share, "script")
        whole = text == result.response.text
        return _by_words(language, response_words(result) if whole else words(folded(text)))


def _unfit(result: LlmResult) -> Absence | None:
    if not result.language:
        return Absence(AbsenceReason.NOT_APPLICABLE, "the result declares no language")
    if normal_form(result) != "text":
        return Absence(AbsenceReason.NOT_APPLICABLE, "code and formulas are in no language")
    if not known(result.language):
        return Absence(AbsenceReason.ABSTAINED, "the declared language is not one it can tell")
    return None


def _by_words(language: str, found: list[str]) -> Measurement | Absence:
    hits = function_words(found)
    own, best = hits.get(language, 0), max(hits.values())
    share = own / max(1, len(found))
    if own >= MIN_HITS and own >= _ABOUT_AS_MANY * best:
        return _measured(1.0, share, "function_words")
    if language in hits and best >= MIN_HITS + 2 and best > _CLEARLY * own:
        return _measured(0.0, share, "function_words")
    return Absence(AbsenceReason.ABSTAINED, "too few function words to tell the language")


def _measured(value: float, raw: float, by: str) -> Measurement:
    return measurement(value=value, raw_value=raw, provenance=(("decided_by", by),))

"""Whether the response is a right answer, but for its dress."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.canonical import canonical
from plimsoll.metrics.reading import normal_form
from plimsoll.metrics.references import best, chars, compared
from plimsoll.metrics.words import folded, normal_formula, normal_lines, normal_text, words


class ReferenceExactMatch:
    """1 if the response's canonical form is that of a reference (SQuAD's exact match), else 0.

    Numbers are compared by value, JSON by content, choices by their letter, text without case,
    punctuation and articles, code by lines and formulas sign by sign.
    """

    spec = MetricSpec(
        name="reference_exact_match",
        version="2",
        family=Family.REFERENCE,
        summary="Whether the response is a reference answer. Ground truth: never in a confidence.",
        needs=(Need.REFERENCES, Need.RESPONSE_TEXT),
        source="Rajpurkar et al., arXiv:1606.05250",
        raw_scale="1 match, 0 none",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once."""
        return 50 + chars(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """1.0 or 0.0; evidence names the reference."""
        texts = compared(result)
        if isinstance(texts, Absence):
            return texts
        form = normal_form(result)
        response = _canonical(texts.response, form)
        return best(
            texts, lambda _, other: float(_canonical(other, form) == response), normal_form=form
        )


def _canonical(text: str, form: str) -> str:
    if form == "code":
        return normal_lines(text)
    lowered = folded(text)
    normal = normal_formula(lowered) if form == "formula" else normal_text(lowered, words(lowered))
    return canonical(text, normal)

"""Share of the response's quotations that stand in the context, word for word."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.given import chars, context_texts, request_texts, too_large
from plimsoll.metrics.quotes import Quote, plain, quotes
from plimsoll.metrics.reading import normal_form

MAX_EVIDENCE = 16
# Characters of documents times quotations; a second is about a thousand million.
MAX_STEPS = 200_000_000


class QuoteContainment:
    """Quotations of three words or more that a context document has, letter for letter.

    Case, blanks, the shape of quotation marks and punctuation at the edges aside; parts around an
    ellipsis in their order. Quotations of the request are not counted. Code and JSON have strings
    and no quotations.
    """

    spec = MetricSpec(
        name="quote_containment",
        version="2",
        family=Family.GROUNDING,
        summary="Share of the response's quotations that stand word for word in the context.",
        needs=(Need.CONTEXT, Need.RESPONSE_TEXT),
        source="quoted spans, exact search",
        raw_scale="quotations that stand nowhere",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text, and each document once for each quotation that there may be."""
        context = sum(len(document.text) for document in result.context)
        marks = sum(map(result.response.text.count, '"\u201c\u201e\u00ab\u300c\u300e'))
        return 100 + chars(result) + marks * (10 + context // 500)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence is each quotation, and where it stands."""
        problem = too_large(result)
        if problem is not None:
            return problem
        if normal_form(result) == "code" or result.response.text.lstrip()[:1] in {"{", "["}:
            return Absence(AbsenceReason.NOT_APPLICABLE, "code and JSON have no quotations")
        found = quotes(result.response.text)
        steps = len(found) * chars(result)
        if steps > MAX_STEPS:
            detail = f"{len(found)} quotations are too many to look up"
            return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
        texts = context_texts(result) if found else []
        plain_texts = [plain(text) for text in texts]
        places = [(quote, _place(quote, texts, plain_texts)) for quote in found]
        request = [plain(text) for text in request_texts(result)] if found else []
        counted = [
            (quote, place)
            for quote, place in places
            if place is not None or not any(_in_order(quote, text) for text in request)
        ]
        if not counted:
            return Absence(AbsenceReason.NOT_APPLICABLE, "the response quotes nothing")
        missing = sum(place is None for _, place in counted)
        return Measurement(
            value=1.0 - missing / len(counted),
            raw_value=float(missing),
            evidence=_evidence(result, counted),
            provenance=(("quotations", str(len(counted))),),
        )


def _place(quote: Quote, texts: list[str], plain_texts: list[str]) -> int | None:
    """The document that has the quotation, rather one that has it as it is written."""
    having = [place for place, text in enumerate(plain_texts) if _in_order(quote, text)]
    written = [place for place in having if all(part in texts[place] for part in quote.parts)]
    return next(iter(written or having), None)


def _in_order(quote: Quote, text: str) -> bool:
    start = 0
    for part in quote.parts:
        wanted = plain(part)
        found = text.find(wanted, start)
        if found < 0:
            return False
        start = found + len(wanted)
    return True


def _evidence(result: LlmResult, counted: list[tuple[Quote, int | None]]) -> tuple[Evidence, ...]:
    text = result.response.text
    items: list[Evidence] = []
    # What stands nowhere first: it is what a reader looks for.
    for quote, place in sorted(counted, key=lambda pair: pair[1] is not None):
        kind = "unsupported_quote" if place is None else "quote"
        words = text[quote.start : quote.end][:200]
        items.append(Evidence(kind, "response.text", quote.start, quote.end, words))
        if place is not None:
            items.append(_source(quote, place, result.context[place].text))
    return tuple(items[:MAX_EVIDENCE])


def _source(quote: Quote, place: int, text: str) -> Evidence:
    """Where the quotation's first part stands, or its document where marks or blanks differ."""
    start = text.find(quote.parts[0])
    if start < 0:
        return Evidence("quoted_document", f"context[{place}]")
    return Evidence("quoted_passage", f"context[{place}]", start, start + len(quote.parts[0]))

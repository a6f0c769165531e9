"""Share of the response's citations that name a document which is there."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.citations import Citation, citations
from plimsoll.metrics.reading import MAX_CHARS, normal_form

MAX_EVIDENCE = 16


class CitationValidity:
    """Citations (`[1]`, `[2, 3]`, `(doc-id)`) whose document is in the context.

    Numbers count documents from 1, unless all documents have numbers for IDs. It says that the
    document is there, not that it says so.
    """

    spec = MetricSpec(
        name="citation_validity",
        version="1",
        family=Family.GROUNDING,
        summary="Share of the response's citations that name a context document.",
        needs=(Need.CONTEXT, Need.RESPONSE_TEXT),
        source="exact comparison with the documents' places and IDs",
        raw_scale="citations of no document",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the response twice."""
        return 50 + 2 * len(result.response.text) + 5 * len(result.context)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence is the citations of nothing, then those of something."""
        text = result.response.text
        if len(text) > MAX_CHARS:
            detail = f"{len(text)} characters, {MAX_CHARS} allowed"
            return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
        if normal_form(result) != "text":
            return Absence(AbsenceReason.NOT_APPLICABLE, "code and mathematics cite nothing")
        found = citations(text, [document.id for document in result.context])
        if not found:
            return Absence(AbsenceReason.NOT_APPLICABLE, "the response cites nothing")
        wrong = sum(citation.document is None for citation in found)
        ordered = sorted(found, key=lambda citation: citation.document is not None)
        return Measurement(
            value=1.0 - wrong / len(found),
            raw_value=float(wrong),
            evidence=tuple(item for one in ordered for item in _evidence(text, one))[:MAX_EVIDENCE],
            provenance=(("citations", str(len(found))),),
        )


def _evidence(text: str, one: Citation) -> list[Evidence]:
    """The citation, and behind it the document that it names."""
    kind = "unknown_citation" if one.document is None else "citation"
    mark = Evidence(kind, "response.text", one.start, one.end, text[one.start : one.end][:200])
    if one.document is None:
        return [mark]
    return [mark, Evidence("cited_document", f"context[{one.document}]")]

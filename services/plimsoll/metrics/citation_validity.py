"""Share of the response's citations that name a document which is there."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.citations import citations
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
            evidence=tuple(
                Evidence(
                    kind="unknown_citation" if one.document is None else "citation",
                    ref="response.text",
                    start=one.start,
                    end=one.end,
                    text="" if one.document is None else f"context[{one.document}]",
                )
                for one in ordered[:MAX_EVIDENCE]
            ),
            provenance=(("citations", str(len(found))),),
        )

"""Share of the publications that the response names by number whose number can be."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.link_scores import MAX_CHARS, link_share
from plimsoll.metrics.links import identifiers


class IdentifierValidity:
    """DOI, arXiv, ISBN, ISSN and ORCID identifiers of the right form and with right check digits.

    An invented ISBN has the right check digit one time in ten or eleven. Nothing is looked up: it
    does not say that there is such a publication.
    """

    spec = MetricSpec(
        name="identifier_validity",
        version="1",
        family=Family.VALIDATOR,
        summary="Share of the response's DOI, arXiv, ISBN, ISSN and ORCID numbers that can be.",
        needs=(Need.RESPONSE_TEXT,),
        source="ISO 2108, ISO 3297, ISO 7064, ISO 26324, arXiv identifiers",
        raw_scale="identifiers that cannot be",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the response once for each kind."""
        return 50 + 2 * len(result.response.text)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence is the identifiers that cannot be."""
        if len(result.response.text) > MAX_CHARS:
            return Absence(AbsenceReason.INPUT_TOO_LARGE, f"more than {MAX_CHARS} characters")
        found = identifiers(result.response.text)
        if not found:
            return Absence(AbsenceReason.NOT_APPLICABLE, "the response names no identifier")
        return link_share(found, [link for link in found if link.problem], "malformed")

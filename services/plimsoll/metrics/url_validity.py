"""Share of the response's addresses that are formed as addresses are."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.link_scores import MAX_CHARS, link_share
from plimsoll.metrics.links import urls


class UrlValidity:
    """URLs with a host name that can be, a top-level domain and a port in range (RFC 3986).

    Nothing is fetched: it does not say that there is a page.
    """

    spec = MetricSpec(
        name="url_validity",
        version="1",
        family=Family.VALIDATOR,
        summary="Share of the response's URLs that are well formed.",
        needs=(Need.RESPONSE_TEXT,),
        source="RFC 3986, RFC 1123",
        raw_scale="URLs that are not well formed",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the response."""
        return 50 + len(result.response.text) // 2

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence is the URLs that are not well formed."""
        if len(result.response.text) > MAX_CHARS:
            return Absence(AbsenceReason.INPUT_TOO_LARGE, f"more than {MAX_CHARS} characters")
        found = urls(result.response.text)
        if not found:
            return Absence(AbsenceReason.NOT_APPLICABLE, "the response has no URL")
        return link_share(found, [link for link in found if link.problem], "malformed")

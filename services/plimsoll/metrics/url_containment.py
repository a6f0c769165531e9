"""Share of the response's addresses that it was given."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.given import chars, context_texts, request_texts, too_large
from plimsoll.metrics.link_scores import link_share
from plimsoll.metrics.links import same_address, urls


class UrlContainment:
    """URLs of the response that stand in a context document or are a document's own.

    Scheme, `www.`, fragment and a last slash aside. URLs of the request are not counted.
    """

    spec = MetricSpec(
        name="url_containment",
        version="1",
        family=Family.GROUNDING,
        summary="Share of the response's URLs that stand in the context.",
        needs=(Need.CONTEXT, Need.RESPONSE_TEXT),
        source="exact comparison",
        raw_scale="URLs that stand nowhere",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once."""
        return 50 + chars(result) // 2

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence is the URLs that stand nowhere."""
        problem = too_large(result)
        if problem is not None:
            return problem
        found = urls(result.response.text)
        if found:
            known = {
                same_address(link.text) for text in context_texts(result) for link in urls(text)
            }
            known |= {same_address(document.uri) for document in result.context if document.uri}
            asked = {
                same_address(link.text) for text in request_texts(result) for link in urls(text)
            }
            found = [link for link in found if same_address(link.text) not in asked - known]
        if not found:
            return Absence(AbsenceReason.NOT_APPLICABLE, "the response gives no URL of its own")
        missing = [link for link in found if same_address(link.text) not in known]
        return link_share(found, missing, "unsupported")

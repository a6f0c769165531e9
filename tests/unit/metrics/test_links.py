"""Addresses and identifiers: their form, and whether they were given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Document
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.identifier_validity import IdentifierValidity
from plimsoll.metrics.links import identifiers, urls
from plimsoll.metrics.url_containment import UrlContainment
from plimsoll.metrics.url_validity import UrlValidity
from tests.unit.metrics.grounded import cut_out, grounded, of, reason
from tests.unit.metrics.results import result


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://en.wikipedia.org/wiki/Paris_(Texas).", "https://en.wikipedia.org/wiki/Paris_(Texas)"),
        ("(see http://a.example.org/x?y=1&z=2#top)", "http://a.example.org/x?y=1&z=2#top"),
        ("[here](https://example.com/a)", "https://example.com/a"),
        ("at http://localhost:8080/ and", "http://localhost:8080/"),
        ("https://m\u00fcnchen.de!", "https://m\u00fcnchen.de"),
    ],
)  # fmt: skip
def test_an_address_ends_before_the_punctuation(text: str, expected: str) -> None:
    """Brackets that belong to it stay, those around it and closing marks do not."""
    assert [link.text for link in urls(text)] == [expected]


@pytest.mark.parametrize(
    "url",
    ["https://", "https://nowhere", "http://a..b.org", "http://-a.org", "http://a.org:99999", "http://1.2.3.999"],
)  # fmt: skip
def test_addresses_that_cannot_be(url: str) -> None:
    """No host, no top-level domain, an empty or dashed label, a port or an octet out of range."""
    assert evaluate(UrlValidity(), result(f"See {url} now")).value == 0.0


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("doi:10.1038/s41586-024-07421-0.", True),
        ("https://doi.org/10.1000/182", True),
        ("doi: 11.1038/x", False),
        ("arXiv:2402.10978v2", True),
        ("arXiv:hep-th/9901001", True),
        ("arXiv:2413.10978", False),
        ("ISBN 978-3-16-148410-0", True),
        ("ISBN-10: 0-306-40615-2", True),
        ("ISBN 978-3-16-148410-1", False),
        ("ISSN 0378-5955", True),
        ("ISSN 0378-5954", False),
        ("ORCID 0000-0002-1825-0097", True),
        ("orcid.org/0000-0002-1825-0098", False),
    ],
)
def test_identifiers_have_their_form_and_check_digits(text: str, right: bool) -> None:
    """The last digit of the books, serials and persons is worked out."""
    (found,) = identifiers(text)
    assert (not found.problem) is right


def test_a_share_with_the_offsets_of_what_cannot_be() -> None:
    """One ISBN of two can be; evidence cuts the other out."""
    text = "\U0001d518 ISBN 978-3-16-148410-0, ISBN 978-3-16-148410-9"
    score = evaluate(IdentifierValidity(), result(text))
    assert score.value == 0.5
    assert cut_out(score, "malformed_isbn", text) == ["978-3-16-148410-9"]


def test_an_address_that_was_given_is_supported() -> None:
    """By a document's text or its own address; scheme, www and a last slash do not matter."""
    answer = grounded(
        "https://www.a.org/x/ and http://b.org/y and https://c.org", "see http://a.org/x"
    )
    answer = replace(answer, context=(*answer.context, Document(text="y", uri="https://b.org/y#z")))
    score = evaluate(UrlContainment(), answer)
    assert score.value == pytest.approx(2 / 3)
    assert [item.text for item in score.evidence] == ["https://c.org"]


def test_an_address_of_the_request_claims_nothing() -> None:
    """What was asked about is not counted."""
    score = of(
        UrlContainment(), "It is https://a.org", "nothing", question="What is https://a.org?"
    )
    assert reason(score) is AbsenceReason.NOT_APPLICABLE


def test_without_any_there_is_no_number() -> None:
    """It is not applicable."""
    for metric in (UrlValidity(), IdentifierValidity(), UrlContainment()):
        assert reason(of(metric, "Paris", "Paris")) is AbsenceReason.NOT_APPLICABLE


@pytest.mark.parametrize(
    "unit", ["https://", "http://(", "doi:", "isbn 1", "isbn 1 ", ")", "arxiv:a", "issn X"]
)
def test_hostile_repetitions_are_read_through(unit: str) -> None:
    """A hundred thousand characters of beginnings end, with no more finds than beginnings."""
    text = unit * (100_000 // len(unit))
    assert len(urls(text)) + len(identifiers(text)) <= 2 * 100_000 // len(unit)

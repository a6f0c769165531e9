"""Personal spans: what is one, what is not, and that none is repeated."""

from __future__ import annotations

import pytest

from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.pii import pii_spans
from plimsoll.metrics.pii_free import PiiFree
from tests.unit.metrics.results import result


def found(text: str) -> list[tuple[str, str]]:
    """Kinds and texts of the spans."""
    return [(span.kind, text[span.start : span.end]) for span in pii_spans(text)]


@pytest.mark.parametrize(
    ("text", "kind", "span"),
    [
        ("Write to jane.doe+x@mail.example.org.", "email", "jane.doe+x@mail.example.org"),
        ("IBAN DE89 3704 0044 0532 0130 00 AND SO ON", "iban", "DE89 3704 0044 0532 0130 00"),
        ("GB82WEST12345698765432", "iban", "GB82WEST12345698765432"),
        (
            "card 4111 1111 1111 1234? no: 4012-8888-8888-1881",
            "payment_card",
            "4012-8888-8888-1881",
        ),
        ("SSN 123-45-6789.", "us_ssn", "123-45-6789"),
        ("NI AB 12 34 56 C", "uk_nino", "AB 12 34 56 C"),
        ("from 8.8.8.8, again", "ip_address", "8.8.8.8"),
        ("2001:4860:4860::8888 it is", "ip_address", "2001:4860:4860::8888"),
        ("call +49 (30) 1234-5678 now", "phone", "+49 (30) 1234-5678"),
        ("call (212) 555-0123", "phone", "(212) 555-0123"),
    ],
)
def test_each_kind_is_found_where_it_stands(text: str, kind: str, span: str) -> None:
    """The span is the thing itself, without what is written around it."""
    assert found(text) == [(kind, span)]


@pytest.mark.parametrize(
    "text",
    [
        "@user said a@b, x@y.1 and foo@",
        "DE89 3704 0044 0532 0130 01",
        "XX89 3704 0044 0532 0130 00",
        "4012 8888 8888 1882",
        "4444444444444448",
        "000-12-3456 and 666-12-3456 and 123-00-4567",
        "127.0.0.1, 192.168.1.10, version 1.2.3.4.5, 999.1.1.1",
        "at 10:30:00, std::vector, a::b",
        "in 2010-2015 and 3.14159265358979 or 1,234,567,890,123",
        "",
    ],
)
def test_what_only_looks_like_one_is_let_pass(text: str) -> None:
    """Wrong check digits, private addresses, versions, times, ranges and decimals are none."""
    assert found(text) == []


def test_evidence_never_holds_the_thing() -> None:
    """Kinds and offsets, no text: the scored event must not spread what was found."""
    text = "\U0001d518 jane@example.org and 8.8.8.8"
    score = evaluate(PiiFree(), result(text))
    assert (score.value, score.raw_value) == (0.0, 2.0)
    assert [item.kind for item in score.evidence] == ["pii_email", "pii_ip_address"]
    assert [text[item.start : item.end] for item in score.evidence] == [
        "jane@example.org",
        "8.8.8.8",
    ]
    assert [item.text for item in score.evidence] == ["", ""]
    assert "jane" not in repr(score)


def test_a_text_without_any_is_free() -> None:
    """1, and no span."""
    score = evaluate(PiiFree(), result("Paris is in France."))
    assert (score.value, score.raw_value) == (1.0, 0.0)


@pytest.mark.parametrize(
    "unit", ["a", "1", "1 ", "1-", "a@", "a.", ":", "+1", "DE89", "1.", "(", "A1 "]
)
def test_hostile_repetitions_are_read_through(unit: str) -> None:
    """A quarter of a megabyte of what nearly matches costs bounded steps a character."""
    assert len(pii_spans(unit * (250_000 // len(unit)))) <= 250_000 // 13

"""What models do not get to see of persons, and how it comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.result import Document, Expectations, LlmResult, Message, Response, ToolCall
from plimsoll.metrics.pii import pii_spans
from plimsoll.pipeline.redaction import Redaction
from tests.unit.metrics.results import result

MAIL, CARD, PHONE = "Ann.Lee@example.com", "4539 1488 0343 6467", "+44 20 7946 0958"
IBAN, SSN, ADDRESS = "GB82 WEST 1234 5698 7654 32", "123-45-6789", "8.8.8.8"


def shown(text: str) -> str:
    """A response as a model would see it."""
    return Redaction(result(text)).result.response.text


@pytest.mark.parametrize(
    ("written", "placeholder"),
    [
        (MAIL, "[email_1]"),
        (CARD, "[payment_card_1]"),
        (PHONE, "[phone_1]"),
        (IBAN, "[iban_1]"),
        (SSN, "[us_ssn_1]"),
        ("AB 12 34 56 C", "[uk_nino_1]"),
        (ADDRESS, "[ip_address_1]"),
    ],
)
def test_each_kind_has_its_placeholder(written: str, placeholder: str) -> None:
    """What the recognisers of `pii_free` find is not shown."""
    assert shown(f"It is {written}, they say.") == f"It is {placeholder}, they say."


def test_one_entity_has_one_placeholder_in_all_texts() -> None:
    """However it is grouped or cased, from the messages to the comparison, arguments included."""
    found = Redaction(
        LlmResult(
            key=result().key,
            messages=(
                Message("user", f"Mail {MAIL} or bob@example.com"),
                Message("assistant", "", (ToolCall("1", "mail", f'{{"to": "{MAIL.lower()}"}}'),)),
            ),
            context=(Document(f"{MAIL.upper()}: {CARD}", id="bob@example.com"),),
            expectations=Expectations(references=(MAIL,)),
            response=Response(f"{MAIL}, {CARD.replace(' ', '-')}", reasoning=f"So {MAIL}"),
            comparison=Response(CARD.replace(" ", "")),
        )
    ).result
    assert found.messages[0].text == "Mail [email_1] or [email_2]"
    assert found.messages[1].tool_calls[0].arguments == '{"to": "[email_1]"}'
    assert found.context == (Document("[email_1]: [payment_card_1]", id="[email_2]"),)
    assert found.expectations is not None
    assert found.expectations.references == ("[email_1]",)
    assert found.response.text == "[email_1], [payment_card_1]"
    assert found.response.reasoning == "So [email_1]"
    assert found.comparison is not None
    assert found.comparison.text == "[payment_card_1]"


def test_what_nobody_sees_hides_nothing() -> None:
    """A zero-width joiner inside a number does not carry it past the recogniser."""
    assert shown(f"4539\u200d{CARD[4:]}") == "[payment_card_1]"


def test_a_placeholder_that_was_there_is_nobody_s() -> None:
    """A text that already says `[email_1]` keeps it, and it is not restored to an address."""
    redaction = Redaction(result(f"[email_1] is not {MAIL}"))
    assert redaction.result.response.text == "[email_1] is not [email_2]"
    assert redaction.restored("[email_2], [email_1], [email_9]") == f"{MAIL}, [email_1], [email_9]"


def test_what_is_not_found_is_known() -> None:
    """Names, postal addresses, private addresses and numbers without a check digit are shown."""
    text = "Ann Lee, 1 High Street, 10.0.0.1, 4539 1488 0343 6468"
    assert shown(text) == text
    assert Redaction(result(text)).count == 0


@given(st.lists(st.sampled_from([MAIL, CARD, PHONE, IBAN, SSN, ADDRESS, "so", "."]), max_size=12))
def test_nothing_personal_is_left_and_all_of_it_comes_back(words: list[str]) -> None:
    """After redaction the recognisers find nothing, and restoring gives the text as it was."""
    text = " ; ".join(words)
    redaction = Redaction(replace(result(text or "x")))
    redacted = redaction.result.response.text
    assert pii_spans(redacted) == []
    assert redaction.restored(redacted) == (text or "x")

"""Tokens of lists and watches: what goes in comes out, and nothing else is taken."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.adapters.sqlite.rows import microseconds
from plimsoll.domain.identity import result_id_problem
from plimsoll.domain.record import TopicPartition
from plimsoll.ports.store import ScoreFilter
from plimsoll.wire.page_tokens import PageEnd, decode_page_token, encode_page_token
from plimsoll.wire.resume_tokens import decode_resume_token, encode_resume_token

TOPIC = "llm.scores.v1"
WHERE = ScoreFilter(tenant="t", min_lower_bound=0.5)


@given(st.dictionaries(st.integers(0, 2**31 - 1), st.integers(0, 2**62 - 1), max_size=20))
def test_a_resume_token_is_its_offsets(vector: dict[int, int]) -> None:
    """Every partition of the topic comes back; other topics are left out."""
    offsets = {TopicPartition(TOPIC, partition): at for partition, at in vector.items()}
    token = encode_resume_token(TOPIC, {**offsets, TopicPartition("other", 0): 7})
    assert decode_resume_token(TOPIC, token) == offsets


def forged(body: bytes) -> str:
    """A token of any body."""
    return base64.urlsafe_b64encode(body).decode()


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "x",
        "é",
        "plain text",
        forged(b"{}"),
        forged(b"[1]"),
        forged(b'[2,"llm.scores.v1",[0,1]]'),
        forged(b'[1,"llm.scores.v1",[0]]'),
        forged(b'[1,"llm.scores.v1",[0,-1]]'),
        forged(b'[1,"llm.scores.v1",[0,1.5]]'),
        forged(b'[1,"llm.scores.v1",[0,true]]'),
        forged(b'[1,"llm.scores.v1",[0,"1"]]'),
        forged(b'[1,"llm.scores.v1",[0,99999999999999999999]]'),
        encode_resume_token("another", {}),
    ],
)
def test_a_resume_token_of_somebody_else(wrong: str) -> None:
    """ValueError, whatever is wrong with it."""
    with pytest.raises(ValueError, match="resume token"):
        decode_resume_token(TOPIC, wrong)


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.from_regex(r"[a-z0-9._-]{1,63}", fullmatch=True),
    st.text(min_size=1, max_size=9).filter(lambda name: result_id_problem(name) is None),
)
def test_a_page_token_is_its_end(time: datetime, tenant: str, result_id: str) -> None:
    """Under the same filter the end of the page comes back."""
    end = PageEnd(microseconds(time), tenant, result_id)
    assert decode_page_token(encode_page_token(end, WHERE), WHERE) == end


@given(st.text(max_size=40) | st.binary(max_size=40).map(forged))
def test_a_page_token_of_somebody_else(wrong: str) -> None:
    """Arbitrary text and arbitrary encoded bytes are refused with ValueError."""
    with pytest.raises(ValueError, match="page token"):
        decode_page_token(wrong, WHERE)

"""Laws of sealed evidence: nobody reads it without its key, and with it nothing is lost."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plimsoll.adapters.evidence.cipher import SivKey
from plimsoll.domain.errors import PoisonError
from plimsoll.domain.score import Evidence
from plimsoll.domain.scored import ScoredResult
from plimsoll.domain.sealing import EvidenceState
from plimsoll.v1 import score_pb2
from plimsoll.wire.scored import decode_scored, encode_erased, encode_scored
from plimsoll.wire.sealing import is_sealed, open_evidence
from tests.properties.values import SCORED
from tests.support.sealed import quoting

LIMIT = 1 << 20
MARK = "\u2020secret\u2020"
# Whole events take long to draw.
few = settings(max_examples=20)
TEXTS = st.lists(st.text(st.characters(codec="utf-8"), max_size=40), min_size=1, max_size=5)
QUOTING = st.builds(
    lambda texts, subject: quoting("r1", subject, *(f"{MARK}{text}" for text in texts)),
    TEXTS,
    st.sampled_from(["", "ann", "b\x00b"]),
)


def key(name: str) -> SivKey:
    """The key of that name."""
    return SivKey(hashlib.sha512(name.encode()).digest())


def message(value: bytes | None) -> score_pb2.ScoredResult:
    """An event as it stands on the topic."""
    return score_pb2.ScoredResult.FromString(value or b"")


def opened(value: bytes | None, by: SivKey) -> ScoredResult:
    """What that key makes of an event."""
    read = message(value)
    open_evidence(read, by.open)
    return decode_scored(read.SerializeToString())


@few
@given(SCORED)
def test_what_is_sealed_opens_to_what_it_was(scored: ScoredResult) -> None:
    """All evidence comes back to its scores in its order; nothing else has changed."""
    clear = decode_scored(encode_scored(scored, "t", LIMIT).value or b"")
    sealed = encode_scored(scored, "t", LIMIT, key("k").seal).value
    if not any(score.evidence for score in scored.scores):
        assert decode_scored(sealed or b"") == clear
        return
    read = opened(sealed, key("k"))
    assert read.evidence_state is EvidenceState.OPENED
    same = {"evidence_state": clear.evidence_state, "content_digest": clear.content_digest}
    assert replace(read, **same) == clear  # type: ignore[arg-type]  # two fields of their types


@given(QUOTING, st.integers(4_096, 8_192))
def test_no_byte_of_a_text_is_in_the_event(scored: ScoredResult, limit: int) -> None:
    """Neither texts nor references nor kinds; the event keeps its limit, cut or not."""
    many = replace(scored, scores=scored.scores * 9)
    for one in (scored, many):
        value = encode_scored(one, "t", limit, key("k").seal).value or b""
        assert len(value) <= limit
        for hidden in (MARK, "quote", "response."):
            assert hidden.encode() not in value
        assert not any(score.evidence for score in message(value).scores)


@given(QUOTING)
def test_the_same_scoring_gives_the_same_event(scored: ScoredResult) -> None:
    """Bytes and digest depend on result and key alone, and another key gives another digest."""
    one, again = (encode_scored(scored, "t", LIMIT, key("k").seal) for _ in range(2))
    other = encode_scored(scored, "t", LIMIT, key("other").seal)
    assert one == again
    assert message(one.value).content_digest != message(other.value).content_digest


@given(QUOTING, st.data())
def test_no_other_key_and_no_other_name_opens_it(scored: ScoredResult, data: st.DataObject) -> None:
    """Of another tenant, result, subject or scoring, or with a byte changed: unreadable."""
    value = encode_scored(scored, "t", LIMIT, key("k").seal).value
    assert opened(value, key("other")).evidence_state is EvidenceState.UNREADABLE
    moved = message(value)
    name = data.draw(st.sampled_from(["tenant", "result_id", "subject_id", "score_id"]))
    setattr(moved, name, getattr(moved, name) + "x")
    open_evidence(moved, key("k").open)
    assert moved.evidence_state == score_pb2.EVIDENCE_STATE_UNREADABLE
    broken = message(value)
    place = data.draw(st.integers(0, len(broken.sealed_evidence) - 1))
    flipped = bytearray(broken.sealed_evidence)
    flipped[place] ^= data.draw(st.integers(1, 255))
    broken.sealed_evidence = bytes(flipped)
    open_evidence(broken, key("k").open)
    assert broken.evidence_state == score_pb2.EVIDENCE_STATE_UNREADABLE
    assert not any(score.evidence for score in (*moved.scores, *broken.scores))


@few
@given(SCORED)
def test_an_erased_result_has_numbers_and_no_evidence(scored: ScoredResult) -> None:
    """Outcomes stay as they were; a result that had no evidence has lost none."""
    read = decode_scored(encode_erased(scored, "t", LIMIT).value or b"")
    had = any(score.evidence for score in scored.scores)
    assert (read.evidence_state is EvidenceState.ERASED) == had
    assert [score.outcome for score in read.scores] == [score.outcome for score in scored.scores]
    assert not any(score.evidence for score in read.scores)


@given(st.binary(max_size=200), st.binary(max_size=60))
def test_garbage_in_place_of_a_ciphertext_is_unreadable(sealed: bytes, inside: bytes) -> None:
    """Whatever stands there, and whatever comes out of a key's hands, opening raises nothing."""
    read = score_pb2.ScoredResult(
        result_id="r",
        score_id="s",
        sealed_evidence=sealed,
        evidence_state=score_pb2.EVIDENCE_STATE_SEALED,
    )
    assert is_sealed(read)
    open_evidence(read, key("k").open)
    assert read.evidence_state == score_pb2.EVIDENCE_STATE_UNREADABLE
    again = score_pb2.ScoredResult(
        result_id="r", score_id="s", evidence_state=score_pb2.EVIDENCE_STATE_SEALED
    )
    open_evidence(again, lambda _text, _bound_to: inside)
    assert again.evidence_state in {
        score_pb2.EVIDENCE_STATE_OPENED,
        score_pb2.EVIDENCE_STATE_UNREADABLE,
    }
    assert not again.sealed_evidence


@given(st.integers(0, 60), st.integers(0, 400), st.integers(4_096, 20_000))
def test_sealing_keeps_the_limit(scores: int, chars: int, limit: int) -> None:
    """However many scores, and however long what they quote: the event fits, or says it cannot."""
    made = quoting("r1", "ann", "x" * chars)
    quote = Evidence("quote", "ref" * 5, 1, 70_000, "y" * chars)
    many = tuple(replace(made.scores[0], evidence=(quote,) * 3) for _ in range(scores))
    try:
        value = encode_scored(replace(made, scores=many), "t", limit, key("k").seal).value
    except PoisonError:
        assume(False)
    assert len(value or b"") <= limit

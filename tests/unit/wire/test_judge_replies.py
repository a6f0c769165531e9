"""Replies of judges survive being kept, and questions have one digest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judging import JudgeCall, JudgeReply, JudgeUsage, Parameter, VerdictForm
from plimsoll.domain.result import LogprobOrigin, Tokens
from plimsoll.wire.judge_replies import decode_reply, encode_reply, question_digest

CALL = JudgeCall("m", "system", "material", VerdictForm("f", "d", "{}"), 400)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # A judge may write half of a surrogate pair, or any number of digits.
    | st.text(st.characters())
    | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40)
@given(
    st.dictionaries(st.text(), JSON, max_size=5)
    | st.builds(Absence, st.sampled_from(list(AbsenceReason)), st.text()),
    st.builds(JudgeUsage, *[st.none() | st.integers(0, 10**6)] * 4),
    st.none() | st.floats(0, 100),
)
def test_a_reply_comes_back_as_it_was(
    outcome: dict[str, object] | Absence, usage: JudgeUsage, cost_usd: float | None
) -> None:
    """Verdict or absence, usage and cost, with unknown figures unknown; keys keep their order."""
    reply = JudgeReply(
        outcome,
        stop_reason="tool_use",
        usage=usage,
        cost_usd=cost_usd,
        latency=timedelta(microseconds=1_234_567),
        service_tier="flex",
        request_id="r-1",
        dropped=(Parameter.STRICT,),
        tokens=Tokens((-0.1,), ("yes",), 1, (1,), (-0.1,), ("yes",), LogprobOrigin.RAW, "m"),
    )
    back = decode_reply(encode_reply(reply))
    assert back == reply
    assert encode_reply(back) == encode_reply(reply)
    if reply.verdict is not None:
        assert list(back.verdict or {}) == list(reply.verdict)


def test_what_is_no_number_is_refused() -> None:
    """NaN is never kept."""
    with pytest.raises(ValueError, match="JSON compliant"):
        encode_reply(JudgeReply({"score": float("nan")}))


OTHERS = [
    replace(CALL, model="n"),
    replace(CALL, system="systems"),
    replace(CALL, system="systemm", material="aterial"),
    replace(CALL, form=VerdictForm("f", "d", "{ }")),
    replace(CALL, form=VerdictForm("f", "e", "{}")),
    replace(CALL, form=VerdictForm("g", "d", "{}")),
    replace(CALL, max_output_tokens=401),
    replace(CALL, temperature=0.0),
    replace(CALL, sample_index=1),
    CALL.without(Parameter.STRICT),
]


def test_whatever_may_change_the_answer_changes_the_digest() -> None:
    """Each part of a call has a say, and so has where it is asked."""
    digests = {question_digest("bedrock", call) for call in (CALL, *OTHERS)}
    digests.add(question_digest("openai", CALL))
    assert len(digests) == len(OTHERS) + 2


def test_metadata_does_not() -> None:
    """What goes to the provider's logs only leaves the digest alone; it is the same everywhere."""
    tagged = replace(CALL, metadata=(("result", "r-1"),))
    assert question_digest("bedrock", tagged) == question_digest("bedrock", CALL)
    assert question_digest("bedrock", CALL) == (
        "df9a5978c3d544b54f22792794b53a9668e8047e7b140fa97fde6d0143413bcb"
    )

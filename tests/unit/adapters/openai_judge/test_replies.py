"""Completions of any shape."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.adapters.openai_judge.replies import to_reply
from plimsoll.adapters.openai_judge.requests import Prepared
from plimsoll.domain.judging import JudgeReply

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
CHOICE = st.fixed_dictionaries(
    {"finish_reason": st.sampled_from(["stop", "tool_calls", "length"]) | JSON},
    optional={
        "message": JSON
        | st.fixed_dictionaries(
            {}, optional={"content": JSON, "tool_calls": JSON | st.lists(JSON), "refusal": JSON}
        ),
        "logprobs": JSON | st.fixed_dictionaries({"content": st.lists(JSON, max_size=3)}),
    },
)
BODY = JSON | st.fixed_dictionaries(
    {"choices": st.lists(CHOICE | JSON, max_size=2)},
    optional={"usage": JSON | st.dictionaries(st.just("prompt_tokens"), JSON), "id": JSON},
)


@given(body=BODY, tool=st.sampled_from(["", "record_verdict"]))
def test_any_shape_ends_somewhere(body: Any, tool: str) -> None:
    """A body is a reply or, where it has not one choice, a ValueError; nothing else is raised."""
    try:
        reply = to_reply(body, Prepared(b"", tool, (), ()), "", timedelta(0))
    except ValueError:
        return
    assert isinstance(reply, JudgeReply)
    # No shape above has a call of the tool; only a text that is an object could be a verdict.
    assert reply.verdict is None or tool == ""

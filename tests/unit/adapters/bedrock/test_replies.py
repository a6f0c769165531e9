"""Answers of Converse as replies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.adapters.bedrock.replies import STOP_REASONS, cost, to_reply
from plimsoll.adapters.bedrock.requests import Prepared
from plimsoll.adapters.emulator.shapes import ServiceShapes
from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.judge_errors import JudgeFaultError
from plimsoll.domain.judging import JudgeUsage, Price
from plimsoll.settings.judges import CacheTtl

TOOL = Prepared({}, "record_verdict", (), ())
TEXT = Prepared({}, "", (), ())
PRICE = Price(0.003, 0.015, "2026-03-31", 0.0003, 0.00375)
VERDICT = {"verdict": "pass"}
LATENCY = timedelta(milliseconds=5)


def answer(*content: object, stop: object = "tool_use", **changes: object) -> dict[str, Any]:
    """What the client gives back."""
    return {
        "output": {"message": {"role": "assistant", "content": list(content)}},
        "stopReason": stop,
        "usage": {"inputTokens": 1_000, "outputTokens": 100, "totalTokens": 1_100},
        "ResponseMetadata": {"RequestId": "req-1", "HTTPStatusCode": 200},
        **changes,
    }


def tool_use(**changes: object) -> dict[str, Any]:
    """A call of the tool."""
    return {"toolUse": {"toolUseId": "t", "name": "record_verdict", "input": VERDICT, **changes}}


def test_the_tools_input_is_the_verdict() -> None:
    """Beside text and reasoning, the one call of the tool counts; usage and cost come with it."""
    found = answer({"reasoningContent": {}}, {"text": "so"}, tool_use())
    reply = to_reply(found, TOOL, PRICE, LATENCY)
    assert reply.verdict == VERDICT
    assert reply.usage == JudgeUsage(1_000, 100, 0, 0)
    assert reply.cost_usd == pytest.approx(0.0045)
    assert (reply.request_id, reply.latency) == ("req-1", LATENCY)


def test_a_written_verdict_is_read_whole_or_not_at_all() -> None:
    """JSON that was asked for counts; JSON in a fence, twice, or cut does not."""
    texts = ('{"verdict": "pass"}', '```json\n{"verdict": "pass"}\n```', '{"a": 1}{"a": 2}', '{"a"')
    found = [to_reply(answer({"text": t}, stop="end_turn"), TEXT, None, LATENCY) for t in texts]
    assert found[0].verdict == VERDICT
    assert {reply.absence.reason for reply in found[1:] if reply.absence} == {
        AbsenceReason.PARSE_FAILED
    }


@pytest.mark.parametrize(
    ("content", "stop", "prepared"),
    [
        ((tool_use(),), "end_turn", TOOL),
        ((tool_use(),), "tool_use", TEXT),
        ((), "tool_use", TOOL),
        ((tool_use(), tool_use()), "tool_use", TOOL),
        ((tool_use(name="other"),), "tool_use", TOOL),
        ((tool_use(input="text"),), "tool_use", TOOL),
        ((tool_use(input=None),), "tool_use", TOOL),
        (({"text": '{"verdict": "pass"}'},), "end_turn", TOOL),
    ],
)
def test_what_has_not_the_form_is_no_verdict(
    content: tuple[object, ...], stop: str, prepared: Prepared
) -> None:
    """Another tool, two of them, text instead of a tool: `parse_failed`, and paid for."""
    reply = to_reply(answer(*content, stop=stop), prepared, PRICE, LATENCY)
    assert reply.absence is not None
    assert reply.absence.reason is AbsenceReason.PARSE_FAILED
    assert reply.cost_usd is not None


@given(stop=st.text(min_size=1).filter(lambda s: s not in {*STOP_REASONS, "tool_use", "end_turn"}))
def test_an_end_of_next_year_is_kept_by_its_name(stop: str) -> None:
    """An unknown stop reason is `provider_error`, and the reply has the raw value."""
    reply = to_reply(answer(tool_use(), stop=stop), TOOL, None, LATENCY)
    assert reply.absence is not None
    assert reply.absence.reason is AbsenceReason.PROVIDER_ERROR
    assert reply.stop_reason == stop[:64]


def test_every_end_of_the_services_model_is_known() -> None:
    """The model of botocore names no stop reason that would be taken for one of next year."""
    assert ServiceShapes().stop_reasons() == {*STOP_REASONS, "tool_use", "end_turn"}


@pytest.mark.parametrize("stop", [None, "", 7, ["tool_use"]])
def test_an_answer_without_an_end_is_none(stop: object) -> None:
    """What has no stop reason may have been cut anywhere."""
    with pytest.raises(JudgeFaultError):
        to_reply(answer(tool_use(), stop=stop), TOOL, None, LATENCY)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(
    found=st.fixed_dictionaries(
        {"stopReason": st.sampled_from(["tool_use", "end_turn", "max_tokens"])},
        optional={
            "output": JSON | st.fixed_dictionaries({"message": JSON}),
            "usage": JSON,
            "serviceTier": JSON,
            "ResponseMetadata": JSON,
        },
    )
)
def test_any_shape_of_an_answer_ends_somewhere(found: dict[str, Any]) -> None:
    """No answer, however wrong, raises; none without the tool's input makes a verdict."""
    reply = to_reply(found, TOOL, PRICE, LATENCY)
    assert reply.absence is not None


@pytest.mark.parametrize(
    ("usage", "price", "ttl", "dollars"),
    [
        (JudgeUsage(1_000, 100, 0, 0), PRICE, CacheTtl.OFF, 0.0045),
        (JudgeUsage(0, 0, 1_000, 0), PRICE, CacheTtl.FIVE_MINUTES, 0.0003),
        (JudgeUsage(0, 0, 0, 1_000), PRICE, CacheTtl.FIVE_MINUTES, 0.00375),
        (JudgeUsage(0, 0, 0, 1_000), PRICE, CacheTtl.ONE_HOUR, None),
        (JudgeUsage(0, 0, 5, 0), Price(1, 1, "2026-01-01"), CacheTtl.FIVE_MINUTES, None),
        (JudgeUsage(1, 1, 0, 0), None, CacheTtl.OFF, None),
        (JudgeUsage(1, None, 0, 0), PRICE, CacheTtl.OFF, None),
        (JudgeUsage(), PRICE, CacheTtl.OFF, None),
    ],
)
def test_a_cost_is_known_or_it_is_not(
    usage: JudgeUsage, price: Price | None, ttl: CacheTtl, dollars: float | None
) -> None:
    """Where a count or a price is missing there is no number, and no 0 for it."""
    assert cost(usage, price, ttl) == (None if dollars is None else pytest.approx(dollars))


@pytest.mark.parametrize(
    ("tier", "known"), [("default", True), ("flex", False), ("priority", False)]
)
def test_another_tier_has_another_price(tier: str, known: bool) -> None:
    """The table has prices of one tier; the tier that was used is recorded."""
    reply = to_reply(answer(tool_use(), serviceTier={"type": tier}), TOOL, PRICE, LATENCY)
    assert (reply.service_tier, reply.cost_usd is not None) == (tier, known)


def test_what_was_read_from_a_cache_is_told_apart() -> None:
    """Input, read and written tokens are three counts; one that is not a number is unknown."""
    usage = {
        "inputTokens": 10,
        "outputTokens": 5,
        "cacheReadInputTokens": 2_000,
        "cacheWriteInputTokens": "many",
    }
    reply = to_reply(answer(tool_use(), usage=usage), TOOL, PRICE, LATENCY)
    assert reply.usage == JudgeUsage(10, 5, 2_000, None)
    assert reply.cost_usd is None

"""The client: where its settings come from, and what it says of bad arguments."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plimsoll.domain.errors import ConfigurationError, RetryableError
from plimsoll.sdk import DecidedBy, LlmResult, Plimsoll
from plimsoll.settings.kafka import KafkaSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.scorer import ScorerSettings

PARIS = LlmResult.from_text("r-1", "Paris")
NOWHERE = "127.0.0.1:1"


def client() -> Plimsoll:
    """A client of nothing; making it connects to nothing."""
    return Plimsoll(bootstrap_servers=NOWHERE, query=NOWHERE)


async def test_the_environment_says_where_the_brokers_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without arguments the address is that of the environment; an argument goes before it."""
    monkeypatch.setenv("PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS", "127.0.0.1:2")
    async with Plimsoll(query=NOWHERE) as plimsoll:
        with pytest.raises(RetryableError, match=r"\('127\.0\.0\.1', 2,"):
            await plimsoll.publish(PARIS)
    async with client() as plimsoll:
        with pytest.raises(RetryableError, match=r"\('127\.0\.0\.1', 1,"):
            await plimsoll.publish(PARIS)


async def test_without_an_address_publishing_says_which_setting_is_missing() -> None:
    """What a setting should be is told by name; a gate answers all the same, and counts it."""
    settings = Settings(kafka=KafkaSettings(bootstrap_servers=""))
    async with Plimsoll(settings=settings, query=NOWHERE) as plimsoll:
        with pytest.raises(ConfigurationError, match="PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS"):
            await plimsoll.publish(PARIS)
        answer = await plimsoll.gate(PARIS, deadline=timedelta(seconds=30))
        assert answer.decided_by is DecidedBy.UNREACHABLE
        assert "PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS" in answer.detail
        assert plimsoll.gate_stats.unreachable == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"on_missing": "maybe"}, "on_missing is 'maybe'.*'accept', 'review'"),
        ({"deadline": timedelta(0)}, "deadline"),
        ({"accept_lower_bound": 70.0}, "accept_lower_bound"),
    ],
)
async def test_a_gate_refuses_what_makes_no_sense(
    arguments: dict[str, object], message: str
) -> None:
    """A bad argument is named with what it may be, before anything is sent."""
    given: dict[str, object] = {"deadline": timedelta(seconds=1), **arguments}
    async with client() as plimsoll:
        with pytest.raises(ValueError, match=message):
            await plimsoll.gate(PARIS, **given)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    "arguments",
    [{"on_absent": "drop"}, {"start": "now"}, {"ack": "never"}, {"min_lower_bound": 2.0}],
)
async def test_a_subscription_refuses_what_makes_no_sense(arguments: dict[str, object]) -> None:
    """The message names the argument."""
    async with client() as plimsoll:
        with pytest.raises(ValueError, match=next(iter(arguments))):
            plimsoll.subscribe(**arguments)  # type: ignore[arg-type]  # wrong on purpose


async def test_look_ups_refuse_ids_that_are_none() -> None:
    """No call goes out for an ID that no result can have."""
    async with client() as plimsoll:
        with pytest.raises(ValueError, match="result_id"):
            await plimsoll.get("a b")
        with pytest.raises(ValueError, match="result_id"):
            await plimsoll.batch_get(["fine", "not/fine"])


async def test_a_tenant_that_the_topic_may_not_speak_for_is_refused() -> None:
    """The client knows the rules of the topic it publishes to, where they are in its settings."""
    settings = Settings(scorer=ScorerSettings(allowed_tenants={"llm.results.v1": ["acme"]}))
    async with Plimsoll(settings=settings, query=NOWHERE) as plimsoll:
        assert plimsoll.publisher.prepare(LlmResult.from_text("acme/r-1", "Paris"))
        with pytest.raises(ValueError, match="may not speak for 'other'"):
            await plimsoll.publish(LlmResult.from_text("other/r-1", "Paris"))

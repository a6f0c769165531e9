"""What is sent to Converse, for models that take more and less."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.adapters.bedrock.models import ModelRow, load_models
from plimsoll.adapters.bedrock.requests import Prepared, prepare
from plimsoll.adapters.emulator.shapes import ServiceShapes
from plimsoll.domain.judging import JudgeCall, Parameter
from plimsoll.settings.judges import CacheTtl, ServiceTier
from tests.support.bedrock import CALL, FORM, SCHEMA

P = Parameter
LONG = replace(CALL, system="word " * 2_000, temperature=0.5, metadata=(("result_id", "r-1"),))
PLAIN = ModelRow(prefix="")
ABLE = ModelRow(
    prefix="", strict=True, json_schema=True, cache_min_tokens=1_024, cache_1h=True, tiers=("flex",)
)
SHAPES = ServiceShapes()
TABLE = load_models()


def prepared(
    call: JudgeCall,
    row: ModelRow,
    tier: ServiceTier = ServiceTier.DEFAULT,
    ttl: CacheTtl = CacheTtl.OFF,
) -> Prepared:
    """What would be sent."""
    return prepare(call, row, tier, ttl)


def replace_row(row: ModelRow, **changes: object) -> ModelRow:
    """The row with changes."""
    return row.model_copy(update=changes)


def test_an_able_model_gets_all_of_it() -> None:
    """A forced strict tool, a cache point behind the stable part, tier, metadata; none dropped."""
    found = prepared(LONG, ABLE, ServiceTier.FLEX, CacheTtl.ONE_HOUR)
    sent = found.arguments
    assert sent["toolConfig"]["toolChoice"] == {"tool": {"name": "record_verdict"}}
    (tool,) = sent["toolConfig"]["tools"]
    assert tool["toolSpec"]["strict"] is True
    assert list(tool["toolSpec"]["inputSchema"]["json"]["properties"]) == list(SCHEMA["properties"])  # type: ignore[call-overload]  # a literal
    assert sent["system"][1] == {"cachePoint": {"type": "default", "ttl": "1h"}}
    assert sent["serviceTier"] == {"type": "flex"}
    assert sent["requestMetadata"] == {"result_id": "r-1"}
    assert sent["inferenceConfig"] == {"maxTokens": 400, "temperature": 0.5}
    assert (found.tool, found.dropped, found.cache_ttl) == ("record_verdict", (), CacheTtl.ONE_HOUR)
    assert SHAPES.request_problems("Converse", sent) == []


def test_the_stable_part_is_the_same_for_every_material() -> None:
    """Calls of one rubric share their tools and system, byte for byte."""
    one, other = (prepared(replace(LONG, material=m), ABLE).arguments for m in ("a", "b"))
    assert repr((one["toolConfig"], one["system"])) == repr((other["toolConfig"], other["system"]))


def test_a_model_that_cannot_be_forced_writes_json() -> None:
    """Where the tool cannot be forced and a schema can, the schema's text is sent unchanged."""
    row = ModelRow(prefix="", forced_tool=False, json_schema=True)
    found = prepared(CALL, row)
    definition = found.arguments["outputConfig"]["textFormat"]["structure"]["jsonSchema"]
    assert definition["schema"] == FORM.schema
    assert "toolConfig" not in found.arguments
    assert (found.tool, found.dropped) == ("", ())


def test_a_model_that_takes_neither_is_offered_the_tool() -> None:
    """The tool is there but not forced, and the reply says that forcing was given up."""
    found = prepared(CALL, ModelRow(prefix="", forced_tool=False))
    assert "toolChoice" not in found.arguments["toolConfig"]
    assert (found.tool, P.FORCED_TOOL in found.dropped) == ("record_verdict", True)


def test_what_a_model_does_not_take_is_left_out_and_named() -> None:
    """Temperature and tier that were asked for and not used are listed."""
    row = replace_row(PLAIN, temperature=False)
    found = prepared(LONG, row, ServiceTier.FLEX, CacheTtl.FIVE_MINUTES)
    assert found.dropped == (P.SERVICE_TIER, P.TEMPERATURE)
    assert "temperature" not in found.arguments["inferenceConfig"]
    assert len(found.arguments["system"]) == 1


def test_a_short_prefix_has_no_cache_point() -> None:
    """Bedrock ignores a point below the model's minimum; none is set, and nothing is dropped."""
    found = prepared(CALL, ABLE, ttl=CacheTtl.FIVE_MINUTES)
    assert (len(found.arguments["system"]), found.dropped) == (1, ())


def test_an_hour_becomes_five_minutes_where_it_must() -> None:
    """A model that keeps nothing for an hour keeps it for five minutes, which is named."""
    row = replace_row(ABLE, cache_1h=False)
    found = prepared(LONG, row, ttl=CacheTtl.ONE_HOUR)
    assert found.arguments["system"][1] == {"cachePoint": {"type": "default"}}
    assert (found.dropped, found.cache_ttl) == ((P.CACHE_TTL,), CacheTtl.FIVE_MINUTES)


def test_without_a_system_there_is_none() -> None:
    """Bedrock refuses an empty text, so none is sent."""
    assert "system" not in prepared(replace(CALL, system=""), ABLE).arguments


@pytest.mark.parametrize("parameter", [p for p in P if p is not P.LOGPROBS])
def test_what_was_refused_is_not_sent_again(parameter: Parameter) -> None:
    """Each parameter can be left out by itself, and the call stays a whole one."""
    found = prepared(LONG.without(parameter), ABLE, ServiceTier.FLEX, CacheTtl.ONE_HOUR)
    assert parameter not in found.sent
    assert (parameter in found.dropped) == (parameter is not P.JSON_SCHEMA)
    assert SHAPES.request_problems("Converse", found.arguments) == []


@given(
    call=st.builds(
        JudgeCall,
        model=st.sampled_from([row.prefix + "x" for row in TABLE.shipped]),
        system=st.text(max_size=20) | st.just("word " * 5_000),
        material=st.text(min_size=1),
        form=st.just(CALL.form),
        max_output_tokens=st.integers(1, 10_000),
        temperature=st.none() | st.floats(0, 1),
        metadata=st.lists(st.tuples(st.text(max_size=300), st.text(max_size=300))).map(tuple),
        dropped=st.sets(st.sampled_from(P)).map(lambda found: tuple(sorted(found))),
    ),
    tier=st.sampled_from(ServiceTier),
    ttl=st.sampled_from(CacheTtl),
)
def test_every_request_is_one_that_bedrock_takes(
    call: JudgeCall, tier: ServiceTier, ttl: CacheTtl
) -> None:
    """Botocore's model finds nothing wrong with any; sent and dropped never overlap."""
    found = prepare(call, TABLE.row(call.model), tier, ttl)
    assert SHAPES.request_problems("Converse", found.arguments) == []
    assert not set(found.sent) & (set(found.dropped) | set(call.dropped))

"""The table of models, and the names by which they are reached."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plimsoll.adapters.bedrock.models import load_models, plain_id
from plimsoll.domain.errors import ConfigurationError

TABLE = load_models()
SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"


@pytest.mark.parametrize(
    "name",
    [
        SONNET,
        *(f"{g}.{SONNET}" for g in ["us", "us-gov", "eu", "apac", "au", "jp", "ca", "global"]),
        f"arn:aws:bedrock:us-east-1::foundation-model/{SONNET}",
        f"arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.{SONNET}",
        f"arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us-gov.{SONNET}",
    ],
)
def test_every_name_of_a_model_leads_to_its_row(name: str) -> None:
    """Geography and ARN around a model's ID do not change what it takes."""
    assert plain_id(name) == SONNET
    row = TABLE.row(name)
    assert (row.prefix, row.strict, row.cache_min_tokens) == (
        "anthropic.claude-sonnet-4-5",
        True,
        1024,
    )


def test_the_longest_start_decides() -> None:
    """A model has the row of its own before that of its family; a later one has the family's."""
    assert TABLE.row("anthropic.claude-opus-4-6-v1").temperature
    assert not TABLE.row("anthropic.claude-opus-9-v1").temperature
    assert TABLE.row("amazon.nova-pro-v1:0").tiers == ("flex", "priority")
    assert TABLE.row("deepseek.r1-v1:0").thinking == "always"


@pytest.mark.parametrize(
    "name",
    [
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3",
        "arn:aws:bedrock:us-east-1:123456789012:imported-model/a1b2c3",
        "somebody.new-model-v1:0",
        "",
    ],
)
def test_a_model_that_nobody_knows_has_the_plain_row(name: str) -> None:
    """Nothing is assumed of it: no strict tools, no cache, no price."""
    row = TABLE.row(name)
    assert (row.prefix, row.strict, row.json_schema, row.cache_min_tokens) == (
        "",
        False,
        False,
        None,
    )
    assert TABLE.traits(name).price is None


def test_prices_are_of_the_global_profile_and_dearer_elsewhere() -> None:
    """A regional profile of the newer models costs a tenth more; every price has its day."""
    world, europe = (TABLE.traits(f"{g}.{SONNET}").price for g in ("global", "eu"))
    assert world is not None
    assert europe is not None
    assert (world.input_usd, world.as_of) == (0.003, "2026-03-31")
    assert europe.output_usd == pytest.approx(world.output_usd * 1.1)
    assert world.cache_read_usd == pytest.approx(world.input_usd / 10)


def test_models_that_always_think_are_not_forced() -> None:
    """A forced tool and thinking exclude each other, so no row may have both."""
    assert [r.prefix for r in TABLE.shipped if r.thinking == "always" and r.forced_tool] == []
    assert {r.thinking for r in TABLE.shipped} <= {"none", "optional", "always"}


def test_the_operators_rows_come_first(tmp_path: Path) -> None:
    """A file names what an ARN of theirs takes; even a short start goes before what ships."""
    file = tmp_path / "models.json"
    arn = "arn:aws:bedrock:us-east-1:1:application-inference-profile/"
    price = {"input_usd": 0.001, "output_usd": 0.002, "as_of": "2026-11-01"}
    rows = [{"prefix": arn, "strict": True, "price": price}, {"prefix": "anthropic."}]
    file.write_text(json.dumps({"models": rows}), encoding="utf-8")
    table = load_models(file)
    assert table.row(f"{arn}a1").strict
    assert table.traits(f"{arn}a1").price is not None
    assert not table.row(SONNET).strict
    assert table.row("amazon.nova-pro-v1:0").tiers


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"models": [{"prefix": "a", "colour": 1}]}', '{"models": [{"strict": 1}]}'],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str) -> None:
    """The message says which setting and which file."""
    file = tmp_path / "models.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"bedrock\.models_file .*models\.json"):
        load_models(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A file that is not there is a wrong setting."""
    with pytest.raises(ConfigurationError, match=r"bedrock\.models_file"):
        load_models(tmp_path / "absent.json")

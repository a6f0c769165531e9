"""What each model on Bedrock takes and costs: a table that ships, and rows of the operator's."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.judging import JudgeTraits, Parameter, Price

# https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
_GEOGRAPHY = re.compile(r"(us-gov|us|eu|apac|au|jp|ca|global)\.(?=[a-z0-9-]+\.)")


class PriceRow(BaseModel):
    """Dollars for 1,000 tokens; `regional_factor` is what other profiles than global cost of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input_usd: float = Field(ge=0)
    output_usd: float = Field(ge=0)
    as_of: str
    cache_read_usd: float | None = None
    cache_write_usd: float | None = None
    regional_factor: float = 1.0


class ModelRow(BaseModel):
    """What models take whose ID starts with `prefix`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prefix: str
    forced_tool: bool = True
    strict: bool = False
    json_schema: bool = False
    temperature: bool = True
    thinking: str = "none"
    cache_min_tokens: int | None = None
    cache_1h: bool = False
    tiers: tuple[str, ...] = ()
    burndown: float = 1.0
    price: PriceRow | None = None


class _TableFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    about: str = ""
    sources: Mapping[str, str] = Field(default_factory=dict)
    defaults: Mapping[str, Any] = Field(default_factory=dict)
    models: Sequence[Mapping[str, Any]]
    parameter_names: Mapping[Parameter, tuple[str, ...]] = Field(default_factory=dict)
    too_large: tuple[str, ...] = ()
    needs_profile: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelTable:
    """Rows by the longest prefix, and the words by which Bedrock names what it refuses.

    Rows of `own` come before those that ship.
    """

    own: tuple[ModelRow, ...]
    shipped: tuple[ModelRow, ...]
    parameter_names: Mapping[Parameter, tuple[str, ...]]
    too_large: tuple[str, ...]
    needs_profile: tuple[str, ...]

    def row(self, model: str) -> ModelRow:
        """The row of a model ID, an inference profile or an ARN."""
        plain = plain_id(model)
        for rows in (self.own, self.shipped):
            found = [row for row in rows if any(n.startswith(row.prefix) for n in (model, plain))]
            if found:
                return max(found, key=lambda row: len(row.prefix))
        return ModelRow(prefix="")

    def traits(self, model: str) -> JudgeTraits:
        """The same, for those who know no provider."""
        row = self.row(model)
        return JudgeTraits(
            temperature=row.temperature, burndown=row.burndown, price=_price(row.price, model)
        )


def plain_id(model: str) -> str:
    """A model's ID without geography, and without the ARN around it.

    An ARN of an application profile, a provisioned or an imported model says nothing of its model.
    """
    name = model.rpartition("/")[2] if model.startswith("arn:") else model
    return _GEOGRAPHY.sub("", name, count=1) if _GEOGRAPHY.match(name) else name


def load_models(file: Path | None = None) -> ModelTable:
    """The table that ships, below the rows of `file`; ConfigurationError says what is wrong."""
    text = (files("plimsoll.adapters.bedrock") / "models.json").read_text(encoding="utf-8")
    shipped = _TableFile.model_validate_json(text)
    own: tuple[ModelRow, ...] = ()
    if file is not None:
        try:
            own = _rows(_TableFile.model_validate(json.loads(file.read_text(encoding="utf-8"))))
        except (OSError, ValueError, ValidationError) as error:
            raise ConfigurationError(f"bedrock.models_file {file}: {error}") from error
    return ModelTable(
        own, _rows(shipped), shipped.parameter_names, shipped.too_large, shipped.needs_profile
    )


def _rows(table: _TableFile) -> tuple[ModelRow, ...]:
    return tuple(ModelRow.model_validate({**table.defaults, **row}) for row in table.models)


def _price(row: PriceRow | None, model: str) -> Price | None:
    if row is None:
        return None
    name = model.rpartition("/")[2]
    factor = 1.0 if name.startswith("global.") else row.regional_factor
    return Price(
        input_usd=row.input_usd * factor,
        output_usd=row.output_usd * factor,
        as_of=row.as_of,
        cache_read_usd=None if row.cache_read_usd is None else row.cache_read_usd * factor,
        cache_write_usd=None if row.cache_write_usd is None else row.cache_write_usd * factor,
    )

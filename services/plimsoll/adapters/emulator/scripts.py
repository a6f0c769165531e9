"""What an emulator does: quotas, latencies, whose judgements it repeats, and which faults."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from plimsoll.adapters.emulator.canaries import Manners
from plimsoll.adapters.emulator.faults import FAULTS, STOP
from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.near import near

_Bounds = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Strict):
    """Do this to the next `times` calls that match; `contains` is looked for in what is asked."""

    fault: str
    times: int = Field(1, ge=1)
    model: str = ""
    contains: str = ""

    @model_validator(mode="after")
    def _known(self) -> Self:
        check_fault(self.fault)
        return self


class Quotas(_Strict):
    """Per model and minute, refilled continuously; 0 is no quota.

    `minute_s` is how long a minute takes here.
    """

    requests_per_minute: int = Field(0, ge=0)
    tokens_per_minute: int = Field(0, ge=0)
    minute_s: float = Field(60.0, gt=0)


class Script(_Strict):
    """All that is drawn is drawn from `seed` and from what is asked: order does not matter.

    `steps` come before `rates` (a fault to its probability); `refuses` maps the start of a model's
    ID to parameters that it does not take. `recorded` maps the start of a model's ID to the
    recorded judge that answers for it, as "GPT-4/Vanilla"; where a question is about a pair that
    was recorded, its real verdict is repeated. `texts` maps words of a question that asks for no
    form to what is written in turn; without, a sentence is made up.
    `canaries` maps the start of a model's ID to how it takes the canaries that ship; by itself
    each model is right about them and obeys nobody.
    """

    seed: int = 0
    latency_ms: _Bounds = (0.0, 0.0)
    output_tokens: tuple[int, int] = (60, 220)
    burndown: float = Field(1.0, gt=0)
    cache_min_tokens: int = Field(1_024, ge=1)
    drip_ms: float = Field(20.0, gt=0)
    quotas: Quotas = Quotas()
    steps: tuple[Step, ...] = ()
    rates: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    refuses: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    texts: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(default_factory=dict)
    recorded: dict[str, str] = Field(default_factory=lambda: {"": "GPT-4/Vanilla"})
    canaries: dict[str, Manners] = Field(default_factory=lambda: {"": Manners()})

    @model_validator(mode="after")
    def _known(self) -> Self:
        for fault in self.rates:
            check_fault(fault)
        return self


def check_fault(name: str) -> None:
    """ValueError, with what was probably meant, where there is no such fault."""
    if name not in FAULTS and not name.startswith(STOP):
        raise ValueError(f"there is no fault {name}: {near(name, FAULTS)}")


def load_script(path: Path | None) -> Script:
    """Reads a script (YAML or JSON); without one nothing ever fails."""
    if path is None:
        return Script()
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Script.model_validate({} if found is None else found)
    except OSError as error:
        raise ConfigurationError(f"emulator's script {path}: {error.strerror}") from error
    except ValidationError as error:
        said = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors(include_url=False, include_context=False)
        )
        raise ConfigurationError(f"emulator's script {path}: {said}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"emulator's script {path}: {error}") from error

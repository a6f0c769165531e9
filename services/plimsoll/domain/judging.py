"""What a judge is asked, and what came back: a verdict as it was given, or a typed absence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from plimsoll.domain.absence import Absence
from plimsoll.domain.result import Pairs, Tokens


class Parameter(StrEnum):
    """What a call may do without: a model that refuses one can be asked again without it."""

    TEMPERATURE = "temperature"
    STRICT = "strict"
    FORCED_TOOL = "forced_tool"
    JSON_SCHEMA = "json_schema"
    CACHE = "cache"
    CACHE_TTL = "cache_ttl"
    SERVICE_TIER = "service_tier"
    METADATA = "metadata"
    LOGPROBS = "logprobs"


@dataclass(frozen=True, slots=True)
class VerdictForm:
    """The tool that a judge must call, or the JSON it must write.

    `name` is 1 to 64 of `[a-zA-Z0-9_-]`; `schema` is the text of a JSON Schema of an object, sent
    with its properties in that order: a rationale that stands first is written first.
    """

    name: str
    description: str
    schema: str


@dataclass(frozen=True, slots=True)
class JudgeCall:
    """One question to one model; equal calls ask the same.

    Without a `form` an answer in plain text is asked for, to `material` as the last turn of a
    conversation; `before` are the turns up to it, each a role and a text. `system` is the stable
    part, equal byte for byte in all calls of a rubric, so that a provider can keep it; `material`
    is what differs. `temperature` None leaves it to the provider. `sample_index` tells apart calls
    that ask the same again on purpose. `metadata` goes to the provider's logs of invocations, as
    far as it takes it. `dropped` names what a model has refused before (see `without`).
    """

    model: str
    system: str
    material: str
    form: VerdictForm | None
    max_output_tokens: int
    temperature: float | None = None
    sample_index: int = 0
    metadata: Pairs = ()
    dropped: tuple[Parameter, ...] = ()
    before: Pairs = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """All that is sent, but for parameters."""
        form = self.form
        asked = () if form is None else (form.name, form.description, form.schema)
        return (self.system, *(text for _, text in self.before), self.material, *asked)

    def without(self, parameter: Parameter) -> JudgeCall:
        """The same call, not using `parameter`."""
        return replace(self, dropped=tuple(sorted({*self.dropped, parameter})))


@dataclass(frozen=True, slots=True)
class JudgeUsage:
    """Tokens as the provider counted them; None is unknown, never 0.

    `input_tokens` are those neither read from the provider's cache nor written to it.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None


UNKNOWN_USAGE = JudgeUsage()
NOTHING_USED = JudgeUsage(0, 0, 0, 0)


# The member of a reply to a call without a form.
TEXT = "text"


@dataclass(frozen=True, slots=True)
class JudgeReply:
    """How a call ended: the object that the judge filled in, or an absence.

    Of a call without a form the object has one member, `TEXT`: what the model wrote.

    The object is the judge's own word and is not checked against the form: untrusted, as any text
    of a model. `stop_reason` is the provider's own; `usage` also counts what an absence has cost,
    and is unknown where the provider may have gone on after we stopped waiting. `cost_usd` is None
    where price or usage is unknown. `dropped` are the parameters that were asked for and not used.
    `tokens` are the verdict's, where the provider offers log-probabilities.
    """

    outcome: Mapping[str, object] | Absence
    stop_reason: str = ""
    usage: JudgeUsage = UNKNOWN_USAGE
    cost_usd: float | None = None
    latency: timedelta = timedelta(0)
    service_tier: str = ""
    request_id: str = ""
    dropped: tuple[Parameter, ...] = ()
    tokens: Tokens | None = None

    @property
    def verdict(self) -> Mapping[str, object] | None:
        """What the judge filled in, or None where there is an absence."""
        return None if isinstance(self.outcome, Absence) else self.outcome

    @property
    def absence(self) -> Absence | None:
        """Why there is no verdict, or None where there is one."""
        return self.outcome if isinstance(self.outcome, Absence) else None


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for 1,000 tokens, and when that was the list's price (ISO); None is unknown."""

    input_usd: float
    output_usd: float
    as_of: str
    cache_read_usd: float | None = None
    cache_write_usd: float | None = None


@dataclass(frozen=True, slots=True)
class JudgeTraits:
    """What is known of a model before it is asked.

    `temperature` and `logprobs` say whether it takes and gives them; without temperature a judge's
    own uncertainty comes from perturbed questions, not from asking the same again. A quota counts
    each token of output `burndown` times when a call is settled. `price` None is unknown.
    """

    temperature: bool = True
    logprobs: bool = False
    burndown: float = 1.0
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class GroundingCall:
    """Asks how far `response` follows from `sources` and answers `query`; plain texts."""

    sources: tuple[str, ...]
    query: str
    response: str


@dataclass(frozen=True, slots=True)
class GroundingReply:
    """Two scores in [0, 1], higher is better, each a number or an absence.

    `units` are text units as the provider counted them for this check; None is unknown.
    """

    grounding: float | Absence
    relevance: float | Absence
    units: int | None = None
    latency: timedelta = timedelta(0)
    request_id: str = ""

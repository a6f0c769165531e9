"""How models that judge are reached, and how much may be asked of them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from plimsoll.settings.postgres import JudgePostgresSettings, StoreKind


class ServiceTier(StrEnum):
    """As Bedrock names them; flex waits longer and costs less, which suits evaluation."""

    DEFAULT = "default"
    FLEX = "flex"
    PRIORITY = "priority"
    RESERVED = "reserved"


class CacheTtl(StrEnum):
    """How long Bedrock keeps the stable part of a prompt; off sets no cache point."""

    OFF = "off"
    FIVE_MINUTES = "5m"
    ONE_HOUR = "1h"


class OpenAiForm(StrEnum):
    """How an endpoint is made to answer in a form: a forced tool, or a JSON Schema."""

    TOOL = "tool"
    JSON_SCHEMA = "json_schema"


class TokenLimit(StrEnum):
    """How an endpoint names the bound on what is written; OpenAI's newer models take the longer."""

    MAX_TOKENS = "max_tokens"
    MAX_COMPLETION_TOKENS = "max_completion_tokens"


class BedrockSettings(BaseModel):
    """Judges on Amazon Bedrock; credentials come the way boto3 finds them, never from here."""

    judges: dict[str, str] = Field(
        default_factory=dict,
        description="Name of a judge to its model: an ID, an inference profile or an ARN.",
    )
    region: str = Field("", description="AWS region; empty takes that of the AWS configuration.")
    endpoint_url: str = Field(
        "", description="Another endpoint, as that of `plimsoll dev bedrock`; empty is AWS's own."
    )
    permits: int = Field(
        32, ge=1, le=1_000, description="Calls under way at once, each on a thread, for each judge."
    )
    connect_timeout_s: float = Field(3.0, gt=0, description="For opening a connection.")
    read_timeout_s: float = Field(
        60.0, gt=0, description="A connection that is silent for so long is given up."
    )
    service_tier: ServiceTier = Field(
        ServiceTier.DEFAULT, description="Asked of the models that offer it."
    )
    cache_ttl: CacheTtl = Field(
        CacheTtl.FIVE_MINUTES,
        description="For the stable part of prompts, where it is long enough.",
    )
    models_file: Path | None = Field(
        None,
        description="Rows that come before the table of models that ships (JSON, same form): "
        "what a model takes, and what it costs.",
    )
    guardrail_id: str = Field(
        "", description="Guardrail with a contextual grounding policy; empty checks no grounding."
    )
    guardrail_version: str = Field("", description="Its version, a number; pin it.")
    guardrail_usd_per_1000_units: float | None = Field(
        None,
        ge=0,
        description="Price of 1,000 text units of contextual grounding; left out, its cost is "
        "unknown, and under `judges.budget_usd` it is not asked.",
    )


_Count = Annotated[int, Field(ge=0)]
_Rate = Annotated[float, Field(gt=0)]
_Usd = Annotated[float, Field(ge=0)]


class JudgeStoreSettings(BaseModel):
    """Where replies, budgets and quotas are kept."""

    kind: StoreKind = Field(
        StoreKind.SQLITE,
        description="The file that judges.path names, or a server for scorers on several machines.",
    )
    postgres: JudgePostgresSettings = Field(default_factory=JudgePostgresSettings)


class JudgeSettings(BaseModel):
    """How much is asked of judges, what may be spent, and where their replies are kept."""

    path: Path = Field(
        Path("plimsoll-judges.db"),
        description="SQLite file of replies, budgets and quotas, shared by all scorers of a host. "
        "Nothing can rebuild it: back it up.",
    )
    busy_timeout_ms: int = Field(
        5_000, ge=0, description="How long a writer waits for the file's lock."
    )
    store: JudgeStoreSettings = Field(default_factory=JudgeStoreSettings)
    reliability_file: Path | None = Field(
        None,
        description="What labels have said of judges, as `plimsoll judges learn` writes it; "
        "without it every judge is unmeasured.",
    )
    nonce_secret: SecretStr = Field(
        SecretStr(""),
        description="Makes the nonces that verdicts have to return; empty draws one at each start.",
    )
    requests_per_minute: dict[str, _Rate] = Field(
        default_factory=dict,
        description="Quota of each judge, by its name, for all scorers together; a judge that is "
        "not named is slowed down by throttles only.",
    )
    tokens_per_minute: dict[str, _Rate] = Field(
        default_factory=dict,
        description="The same in tokens: input and the bound of the output, until a call is over.",
    )
    burst_s: float = Field(
        3.0, gt=0, le=60, description="How much of a quota may be asked for at once after a pause."
    )
    attempt_timeout_s: float = Field(
        20.0,
        gt=0,
        description="A judge that is silent for so long has failed; has to be below the "
        "deadlines of the plan's rules that ask judges.",
    )
    breaker_window_s: int = Field(30, ge=1, description="The breaker counts calls of so long.")
    breaker_min_calls: int = Field(20, ge=1, description="It opens on no fewer calls than these.")
    breaker_share: float = Field(
        0.5, gt=0, le=1, description="It opens where this share of them has failed."
    )
    breaker_open_s: float = Field(
        10.0, gt=0, description="So long after it has opened a single call tries the judge out."
    )
    retry_share: float = Field(
        0.1, ge=0, le=1, description="Retries in a minute as a share of its calls."
    )
    retry_reserve: int = Field(10, ge=1, description="Retries in a minute besides.")
    budget_tokens: dict[str, _Count] = Field(
        default_factory=dict,
        description="Tokens that judges may use in a day (UTC): by tenant/panel, tenant/* or *; "
        "the most specific decides, for each tenant and panel apart.",
    )
    budget_usd: dict[str, _Usd] = Field(
        default_factory=dict, description="The same in US dollars; needs prices of the models."
    )


class OpenAiSettings(BaseModel):
    """Judges behind an endpoint that speaks OpenAI's chat completions, as vLLM does."""

    judges: dict[str, str] = Field(
        default_factory=dict, description="Name of a judge to the model that the endpoint serves."
    )
    endpoint_url: str = Field(
        "",
        description="Up to its version, as http://vllm:8000/v1; /chat/completions is added.",
    )
    api_key: SecretStr = Field(
        SecretStr(""), description="Sent as a bearer token; empty sends none."
    )
    permits: int = Field(32, ge=1, le=1_000, description="Calls under way at once, for each judge.")
    connect_timeout_s: float = Field(3.0, gt=0, description="For opening a connection.")
    read_timeout_s: float = Field(
        60.0, gt=0, description="A connection that is silent for so long is given up."
    )
    form: OpenAiForm = Field(OpenAiForm.TOOL, description="How verdicts are asked for.")
    token_limit: TokenLimit = Field(
        TokenLimit.MAX_TOKENS, description="How the endpoint names the bound on written tokens."
    )
    temperature: bool = Field(True, description="Whether the models take a temperature.")
    top_logprobs: int = Field(
        0, ge=0, le=20, description="Alternatives asked for at each token; 0 asks for none."
    )

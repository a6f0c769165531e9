"""The one settings model: environment first, then a YAML file, then defaults."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.access import AccessSettings
from plimsoll.settings.bodies import BodySettings
from plimsoll.settings.canaries import CanarySettings
from plimsoll.settings.claims import ClaimSettings
from plimsoll.settings.environment import broken_json
from plimsoll.settings.evidence import EvidenceSettings
from plimsoll.settings.fields import NESTED, PREFIX
from plimsoll.settings.indexer import IndexerSettings
from plimsoll.settings.judges import BedrockSettings, JudgeSettings, OpenAiSettings
from plimsoll.settings.kafka import KafkaSettings
from plimsoll.settings.lineage import LineageSettings
from plimsoll.settings.models import ModelSettings
from plimsoll.settings.observer import ObserverSettings
from plimsoll.settings.query import QuerySettings
from plimsoll.settings.sandbox import SandboxSettings
from plimsoll.settings.scorer import ScorerSettings
from plimsoll.settings.sdk import SdkSettings
from plimsoll.settings.sources import Sources, read_sources
from plimsoll.settings.store import StoreSettings
from plimsoll.settings.strengths import StrengthSettings
from plimsoll.settings.telemetry import TelemetrySettings
from plimsoll.settings.topics import TopicNames


class Settings(BaseSettings):
    """All that can be set; PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS is kafka.bootstrap_servers."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        env_ignore_empty=True,
        extra="forbid",
        nested_model_default_partial_update=True,
    )

    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
    topics: TopicNames = Field(default_factory=TopicNames)
    scorer: ScorerSettings = Field(default_factory=ScorerSettings)
    bodies: BodySettings = Field(default_factory=BodySettings)
    models: ModelSettings = Field(default_factory=ModelSettings)
    sandbox: SandboxSettings = Field(default_factory=SandboxSettings)
    lineage: LineageSettings = Field(default_factory=LineageSettings)
    claims: ClaimSettings = Field(default_factory=ClaimSettings)
    strengths: StrengthSettings = Field(default_factory=StrengthSettings)
    indexer: IndexerSettings = Field(default_factory=IndexerSettings)
    query: QuerySettings = Field(default_factory=QuerySettings)
    access: AccessSettings = Field(default_factory=AccessSettings)
    observer: ObserverSettings = Field(default_factory=ObserverSettings)
    store: StoreSettings = Field(default_factory=StoreSettings)
    judges: JudgeSettings = Field(default_factory=JudgeSettings)
    evidence: EvidenceSettings = Field(default_factory=EvidenceSettings)
    canaries: CanarySettings = Field(default_factory=CanarySettings)
    bedrock: BedrockSettings = Field(default_factory=BedrockSettings)
    openai: OpenAiSettings = Field(default_factory=OpenAiSettings)
    sdk: SdkSettings = Field(default_factory=SdkSettings)
    telemetry: TelemetrySettings = Field(default_factory=TelemetrySettings)
    watched_secrets: Path | None = Field(
        None,
        description="A folder of secrets that are read once: when one has changed, a service "
        "drains and ends within two minutes, to be started anew.",
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: str = Field("console", description="console or json.")


def load_settings(file: Path | None = None) -> Settings:
    """Settings from the environment, then `file` (or the one PLIMSOLL_CONFIG names), then defaults.

    ConfigurationError names each wrong setting, where it stands, and what was probably meant.
    """
    return load_with_sources(file)[0]


def load_with_sources(file: Path | None = None) -> tuple[Settings, Sources]:
    """As `load_settings`, and where each value comes from."""
    sources = read_sources(Settings, file)
    source = EnvSettingsSource(Settings)
    try:
        environment = source()
        return Settings.model_validate(_over(environment, sources.values)), sources
    except SettingsError as error:
        # Its message names the section only.
        found = broken_json(Settings, source.field_is_complex)
        raise ConfigurationError("\n".join(found) or str(error)) from error
    except ValidationError as error:
        raise sources.explain(error) from error


def _over(upper: dict[str, object], lower: dict[str, object]) -> dict[str, object]:
    """Both, with the upper one's values where they meet."""
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        both = isinstance(value, dict) and isinstance(below, dict)
        merged[key] = _over(value, below) if both else value  # type: ignore[arg-type]  # checked
    return merged

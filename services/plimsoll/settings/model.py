"""The one settings model: environment first, then a YAML file, then defaults."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from plimsoll.settings.indexer import IndexerSettings
from plimsoll.settings.kafka import KafkaSettings
from plimsoll.settings.observer import ObserverSettings
from plimsoll.settings.query import QuerySettings
from plimsoll.settings.scorer import ScorerSettings
from plimsoll.settings.store import StoreSettings
from plimsoll.settings.topics import TopicNames


class Settings(BaseSettings):
    """All that can be set; PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS is kafka.bootstrap_servers."""

    model_config = SettingsConfigDict(
        env_prefix="PLIMSOLL_",
        env_nested_delimiter="__",
        extra="forbid",
        nested_model_default_partial_update=True,
    )

    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
    topics: TopicNames = Field(default_factory=TopicNames)
    scorer: ScorerSettings = Field(default_factory=ScorerSettings)
    indexer: IndexerSettings = Field(default_factory=IndexerSettings)
    query: QuerySettings = Field(default_factory=QuerySettings)
    observer: ObserverSettings = Field(default_factory=ObserverSettings)
    store: StoreSettings = Field(default_factory=StoreSettings)
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: str = Field("console", description="console or json.")

"""What a configuration says: sizes, and what is there already."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

CONFIGS = Path(__file__).parents[1] / "config"


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Whether the VPC is there already, or its addresses."""

    existing: bool
    cidr: str


@dataclass(frozen=True, slots=True)
class KafkaConfig:
    """Whether the MSK cluster is there already, or the size of its three brokers."""

    existing: bool
    instance: str
    storage_gib: int


@dataclass(frozen=True, slots=True)
class ClusterConfig:
    """Whether the EKS cluster is there already, and who reaches its API."""

    existing: bool
    public: bool


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Aurora's readers, capacity (1 ACU is about 2 GiB) and days of backups."""

    readers: int
    min_acu: float
    max_acu: float
    backup_days: int


@dataclass(frozen=True, slots=True)
class Config:
    """One of the published ways; `keep` protects data from the stack's deletion."""

    name: str
    network: NetworkConfig
    kafka: KafkaConfig
    cluster: ClusterConfig
    store: StoreConfig
    keep: bool


def names() -> list[str]:
    """Every configuration's name."""
    return sorted(path.stem for path in CONFIGS.glob("*.yaml"))


def load(name: str) -> Config:
    """The configuration of that name; TypeError names a field that is unknown or missing."""
    found = yaml.safe_load((CONFIGS / f"{name}.yaml").read_text(encoding="utf-8"))
    return Config(
        name=name,
        network=NetworkConfig(**found.pop("network")),
        kafka=KafkaConfig(**found.pop("kafka")),
        cluster=ClusterConfig(**found.pop("cluster")),
        store=StoreConfig(**found.pop("store")),
        **found,
    )

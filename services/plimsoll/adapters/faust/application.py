"""A faust application with settings under which it loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import faust
from faust.types import AgentT

from plimsoll.adapters.faust.credentials import credentials
from plimsoll.settings.kafka import KafkaSettings

_HEARTBEATS_PER_SESSION = 3


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """The application's name, its source topic, and that topic's partitions."""

    app_id: str
    source: str
    partitions: int


class StreamApp(faust.App):
    """Tells what an agent raised, where faust would go on with the record after it."""

    # faust logs each start and stop at this level, under our name.
    mundane_level = "debug"

    failed: Callable[[BaseException], None] | None = None

    def _create_directories(self) -> None:
        """None: the state lies in its changelog and in memory, and a folder would only be left."""

    async def _on_agent_error(self, agent: AgentT[Any], exc: BaseException) -> None:
        del agent
        if self.failed is not None:
            self.failed(exc)


def application(kafka: KafkaSettings, security: Mapping[str, Any], spec: StreamSpec) -> StreamApp:
    """The application; `security` is what aiokafka's clients take."""
    session_s = kafka.session_timeout_ms / 1_000
    request_s = kafka.request_timeout_ms / 1_000
    return StreamApp(
        spec.app_id,
        broker=[f"kafka://{host.strip()}" for host in kafka.bootstrap_servers.split(",")],
        broker_credentials=credentials(security),
        broker_client_id=f"{kafka.client_id}-observer",
        broker_session_timeout=session_s,
        broker_heartbeat_interval=session_s / _HEARTBEATS_PER_SESSION,
        broker_rebalance_timeout=max(session_s, request_s),
        broker_request_timeout=max(session_s, request_s),
        broker_commit_interval=1.0,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=kafka.max_partition_fetch_bytes,
        producer_request_timeout=request_s,
        stream_recovery_delay=0.0,
        # Where to read from is in the state: a rebalance need not wait for offsets to be let go.
        stream_wait_empty=False,
        # Bytes are decoded where a fault of theirs is known for poison; faust would stop.
        key_serializer="raw",
        value_serializer="raw",
        store="memory://",
        table_standby_replicas=0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_partitions=spec.partitions,
        web_enabled=False,
        autodiscover=False,
    )

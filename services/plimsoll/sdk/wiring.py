"""Makes the parts of a client from settings."""

from __future__ import annotations

from datetime import timedelta

from plimsoll.adapters.kafka.consumer import KafkaLogConsumer
from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.adapters.rpc.client import open_client
from plimsoll.ports.log import LogConsumer, LogProducer
from plimsoll.sdk.connection import Connection
from plimsoll.sdk.intake import Intake, StartAt
from plimsoll.sdk.lookups import Lookups
from plimsoll.sdk.publisher import Publisher, PublishOptions
from plimsoll.sdk.selection import Selection
from plimsoll.sdk.subscription import Subscription, SubscriptionOptions
from plimsoll.sdk.visible import VisibleRule
from plimsoll.settings.model import Settings
from plimsoll.wire.records import IngestRules

_ROLE = "sdk"


class Wiring:
    """What one client is made of; arguments go before settings."""

    def __init__(
        self, settings: Settings, bootstrap_servers: str | None, query: str | None
    ) -> None:
        self._settings = settings
        self.buffer_events = settings.sdk.buffer_events
        self._kafka = settings.kafka
        if bootstrap_servers is not None:
            self._kafka = settings.kafka.model_copy(update={"bootstrap_servers": bootstrap_servers})
        self._producer = Connection[LogProducer](self._new_producer, "broker")
        target = query or settings.sdk.query or settings.query.listen
        timeout = timedelta(seconds=settings.sdk.lookup_timeout_s)
        self._lookups = Lookups(open_client(settings.sdk, target, timeout=timeout))

    def publisher(self) -> Publisher:
        """Sends results as the scorers of these settings take them."""
        scorer, sdk = self._settings.scorer, self._settings.sdk
        topic = self._settings.topics.results
        tenants = scorer.allowed_tenants.get(topic)
        rules = IngestRules(
            default_type=scorer.default_type,
            allowed_tenants=None if tenants is None else frozenset(tenants),
            # A client frames nothing: where scorers expect it, that is said before it is sent.
            framing=scorer.schema_registry_framing,
            max_bytes=scorer.max_record_bytes,
        )
        options = PublishOptions(
            topic=topic,
            rules=rules,
            ack_timeout=timedelta(seconds=sdk.ack_timeout_s),
            max_unacknowledged=sdk.max_unacknowledged,
        )
        return Publisher(self._producer, options)

    def lookups(self) -> Lookups:
        """Asks the query service."""
        return self._lookups

    def subscription(
        self,
        selection: Selection,
        start: StartAt,
        group_id: str,
        options: SubscriptionOptions,
    ) -> Subscription:
        """Reads the scores topic as a member of a group."""
        intake = Intake(selection, VisibleRule(self._settings.sdk.remembered_keys), start)
        return Subscription(lambda: self._new_consumer(group_id), intake, options)

    async def close(self) -> None:
        """Disconnects; never raises."""
        await self._producer.close()
        await self._lookups.close()

    def _new_producer(self) -> LogProducer:
        return KafkaLogProducer(self._kafka, _ROLE)

    def _new_consumer(self, group_id: str) -> LogConsumer:
        return KafkaLogConsumer(self._kafka, (self._settings.topics.scores,), group_id, role=_ROLE)

"""Records of the results topic, read as a scorer reads them."""

from __future__ import annotations

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Record
from plimsoll.settings.model import Settings
from plimsoll.wire.records import IngestRules, decode


def ingest_rules(settings: Settings) -> IngestRules:
    """What scorers of these settings take from the results topic."""
    scorer = settings.scorer
    tenants = scorer.allowed_tenants.get(settings.topics.results)
    return IngestRules(
        default_type=scorer.default_type,
        allowed_tenants=None if tenants is None else frozenset(tenants),
        framing=scorer.schema_registry_framing,
        max_bytes=scorer.max_record_bytes,
    )


def keys_of(record: Record, rules: IngestRules) -> tuple[ResultKey, ...]:
    """The keys of the results in a record, those that came without an ID too; poison has none."""
    items = decode(record, rules)
    return tuple(item.result.key for item in items if not isinstance(item, PoisonError))

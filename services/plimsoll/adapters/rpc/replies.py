"""Replies as wire bytes: what the scorer wrote passes through, whatever newer fields it has."""

from __future__ import annotations

from collections.abc import Iterable

from plimsoll.adapters.rpc.envelope import summary_of
from plimsoll.adapters.rpc.framing import field, number_field, text_field
from plimsoll.adapters.rpc.standings import NOBODY_KNOWS, Certificates, encode_standings
from plimsoll.ports.store import VisibleScore
from plimsoll.v1 import score_pb2, service_pb2


def encode_record(
    found: VisibleScore, view: int, certificates: Certificates = NOBODY_KNOWS
) -> bytes:
    """A ConfidenceRecord; `certificates` says how a certificate stands now."""
    at = found.row.position
    viewed = _viewed(found.row.payload, view)
    position = text_field(1, at.topic) + number_field(2, at.partition) + number_field(3, at.offset)
    return (
        field(1, viewed)
        + field(2, position)
        + number_field(3, found.input_conflicts)
        + encode_standings(viewed, certificates)
    )


def encode_get_reply(record: bytes) -> bytes:
    """A GetConfidenceResponse."""
    return field(1, record)


def encode_batch_reply(items: Iterable[bytes]) -> bytes:
    """A BatchGetConfidenceResponse of encoded items."""
    return b"".join(field(1, item) for item in items)


def encode_found_item(result_id: str, record: bytes) -> bytes:
    """A BatchItem with a record."""
    return text_field(1, result_id) + field(2, record)


def encode_failed_item(result_id: str, error: service_pb2.ItemError) -> bytes:
    """A BatchItem with the status that a single look-up would have had."""
    return text_field(1, result_id) + field(3, error.SerializeToString())


def encode_list_reply(records: Iterable[bytes], next_page_token: str) -> bytes:
    """A ListConfidencesResponse."""
    return b"".join(field(1, record) for record in records) + text_field(2, next_page_token)


def encode_watch_reply(record: bytes, resume_token: str) -> bytes:
    """A WatchConfidencesResponse; without a record it is a sign of life."""
    return (field(1, record) if record else b"") + text_field(2, resume_token)


def _viewed(payload: bytes, view: int) -> bytes:
    if view == service_pb2.VIEW_FULL:
        return payload
    if view != service_pb2.VIEW_SCORES:
        return summary_of(payload)
    message = score_pb2.ScoredResult.FromString(payload)
    message.ClearField("observation")
    message.ClearField("sealed_evidence")
    for score in message.scores:
        score.ClearField("evidence")
        score.ClearField("provenance")
    return message.SerializeToString()

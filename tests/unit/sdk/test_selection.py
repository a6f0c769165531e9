"""Which events a subscriber wants, and what headers tell of it."""

from __future__ import annotations

import pytest

from plimsoll.domain.record import OutRecord, Record
from plimsoll.sdk.headline import headline_in, headline_of
from plimsoll.sdk.selection import OnAbsent, Selection
from plimsoll.wire.headers import CE_ID, LOWER_BOUND, REVISION
from plimsoll.wire.scored import encode_scored
from tests.unit.sdk.values import NO_CONFIDENCE, scored


def consumed(record: OutRecord) -> Record:
    """The record as a consumer gets it."""
    return Record(record.topic, 0, 0, 0, record.key, record.value, record.headers)


@pytest.mark.parametrize(
    "event", [scored(), scored(of=NO_CONFIDENCE), scored(revision=1_700_000_000_000_000)]
)
def test_headers_tell_what_the_event_holds(event: object) -> None:
    """Key, revision, score ID and lower bound are the same in the headers and in the value."""
    assert isinstance(event, type(scored()))
    head = headline_of(consumed(encode_scored(event, "llm.scores.v1", 262_144)))
    assert head == headline_in(event)


@pytest.mark.parametrize("missing", [REVISION, CE_ID, LOWER_BOUND])
def test_headers_that_do_not_say_everything_say_nothing(missing: str) -> None:
    """Where one is missing, the event has to be decoded."""
    record = encode_scored(scored(), "llm.scores.v1", 262_144)
    kept = tuple(header for header in record.headers if header[0] != missing)
    assert headline_of(consumed(record._replace(headers=kept))) is None


@pytest.mark.parametrize("bad", [b"nan", b"much", b""])
def test_a_lower_bound_that_is_no_number_is_not_believed(bad: bytes) -> None:
    """What does not read as a number sends the reader to the event itself."""
    record = encode_scored(scored(), "llm.scores.v1", 262_144)
    headers = tuple((n, bad if n == LOWER_BOUND else value) for n, value in record.headers)
    assert headline_of(consumed(record._replace(headers=headers))) is None


def test_without_a_bound_everything_is_wanted() -> None:
    """Absences count only where a bound is asked for."""
    assert Selection().wants(None)
    assert not Selection(0.0).wants(None)
    assert Selection(0.0, OnAbsent.DELIVER).wants(None)


def test_a_tenant_is_not_a_prefix_of_another() -> None:
    """`acme` does not see what belongs to `acme-labs`."""
    selection = Selection(tenant="acme")
    assert selection.wants_tenant_of(b"acme/r-1")
    assert not selection.wants_tenant_of(b"acme-labs/r-1")


@pytest.mark.parametrize("bound", [-0.1, 1.1, float("nan")])
def test_a_bound_that_is_no_probability_is_refused(bound: float) -> None:
    """The lower bound is a probability, and the message says so."""
    with pytest.raises(ValueError, match="min_lower_bound"):
        Selection(bound)


def test_a_tenant_that_is_none_is_refused() -> None:
    """A filter that could never match is a mistake."""
    with pytest.raises(ValueError, match="tenant"):
        Selection(tenant="Not A Tenant")

"""Every error of aiokafka has one verdict."""

from __future__ import annotations

import pytest
from aiokafka import errors

from plimsoll.adapters.kafka.errors import VERDICTS, Verdict, translate, verdict
from plimsoll.domain.errors import FatalError, PoisonError, RetryableError

R, B, P, F = Verdict.RETRYABLE, Verdict.BROKEN, Verdict.POISON, Verdict.FATAL

TRUTH = [
    (errors.KafkaConnectionError(), R),
    (errors.NodeNotReadyError(), R),
    (errors.NotLeaderForPartitionError(), R),
    (errors.LeaderNotAvailableError(), R),
    (errors.UnknownTopicOrPartitionError(), R),
    (errors.NotEnoughReplicasError(), R),
    (errors.GroupCoordinatorNotAvailableError(), R),
    (errors.CommitFailedError(), R),
    (errors.IllegalGenerationError(), R),
    (errors.KafkaTimeoutError(), R),
    (ConnectionResetError(), R),
    (TimeoutError(), R),
    (errors.OutOfOrderSequenceNumber(), B),
    (errors.UnknownProducerId(), B),
    (errors.ProducerFenced(), B),
    (errors.ProducerClosed(), B),
    (errors.ConsumerStoppedError(), B),
    (errors.KafkaError("Unexpected error during batch delivery"), B),
    (errors.MessageSizeTooLargeError(), P),
    (errors.RecordListTooLargeError(), P),
    (errors.SaslAuthenticationFailed(), F),
    (errors.TopicAuthorizationFailedError("t"), F),
    (errors.GroupAuthorizationFailedError("g"), F),
    (errors.UnsupportedVersionError(), F),
    (errors.InvalidTopicError(), F),
    (errors.InvalidTimestampError(), F),
]


@pytest.mark.parametrize(("error", "expected"), TRUTH, ids=lambda v: type(v).__name__)
def test_each_error_has_its_verdict(error: Exception, expected: Verdict) -> None:
    """The table says of each error whether to wait, build anew, park or stop."""
    assert verdict(error) is expected


def test_no_error_of_aiokafka_is_forgotten() -> None:
    """What aiokafka calls retriable and the table does not name is retryable here."""
    for name, kind in vars(errors).items():
        if getattr(kind, "retriable", False) and kind not in VERDICTS:
            assert verdict(kind.__new__(kind)) is Verdict.RETRYABLE, name


def test_who_lacks_a_right_is_told_where_rights_are_listed() -> None:
    """The error names what was tried, on what, and the command that lists what to grant."""
    said = str(translate(errors.TopicAuthorizationFailedError("scores"), "sending to scores"))
    assert said.startswith("sending to scores: ")
    assert "`plimsoll topics rights`" in said


def test_who_sends_at_a_time_that_brokers_refuse_is_told_of_the_clock() -> None:
    """A broker says "invalid timestamp" alone: the error names the clock and the topic's limits."""
    said = str(translate(errors.InvalidTimestampError(), "sending to scores"))
    assert "clock is wrong" in said
    assert "message.timestamp.after.max.ms" in said


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.KafkaConnectionError("away"), RetryableError),
        (errors.OutOfOrderSequenceNumber(), RetryableError),
        (errors.MessageSizeTooLargeError(), PoisonError),
        (errors.SaslAuthenticationFailed(), FatalError),
    ],
    ids=lambda v: type(v).__name__,
)
def test_errors_become_ours(error: Exception, kind: type[Exception]) -> None:
    """A translated error is of the kind of its verdict, and says what was tried."""
    ours = translate(error, "sending to scores")
    assert type(ours) is kind
    assert "sending to scores" in str(ours)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errors.KafkaConnectionError("away"), "x: KafkaConnectionError: away"),
        (ConnectionResetError("reset"), "x: ConnectionResetError: reset"),
    ],
    ids=lambda v: type(v).__name__,
)
def test_an_error_is_named_once(error: Exception, said: str) -> None:
    """The kind of error stands in the message once, whether or not its words begin with it."""
    assert str(translate(error, "x")) == said


def test_what_brokers_call_unknown_has_a_budget() -> None:
    """It may never pass; an outage may last."""
    unknown = translate(errors.UnknownError(), "sending")
    away = translate(errors.KafkaConnectionError(), "sending")
    assert isinstance(unknown, RetryableError)
    assert isinstance(away, RetryableError)
    assert (unknown.most_in_a_row, away.most_in_a_row) == (20, None)

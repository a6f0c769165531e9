"""What each error of aiokafka means, decided once, here."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum

from aiokafka import errors

from plimsoll.domain.errors import FatalError, PlimsollError, PoisonError, RetryableError


class Verdict(Enum):
    """What to do about an error; BROKEN is retryable once the client has been built anew."""

    RETRYABLE = "retryable"
    BROKEN = "broken"
    POISON = "poison"
    FATAL = "fatal"


# The most specific class decides. What is not named falls to KafkaError's own `retriable` flag.
VERDICTS: dict[type[BaseException], Verdict] = {
    # The record itself is refused.
    errors.MessageSizeTooLargeError: Verdict.POISON,
    errors.RecordTooLargeError: Verdict.POISON,
    errors.RecordListTooLargeError: Verdict.POISON,
    # The group has moved on, or the broker cannot answer just now.
    errors.CommitFailedError: Verdict.RETRYABLE,
    errors.IllegalStateError: Verdict.RETRYABLE,
    errors.UnknownMemberIdError: Verdict.RETRYABLE,
    errors.IllegalGenerationError: Verdict.RETRYABLE,
    errors.RebalanceInProgressError: Verdict.RETRYABLE,
    errors.MemberIdRequired: Verdict.RETRYABLE,
    errors.KafkaTimeoutError: Verdict.RETRYABLE,
    errors.RequestTimedOutError: Verdict.RETRYABLE,
    errors.KafkaUnavailableError: Verdict.RETRYABLE,
    errors.BrokerNotAvailableError: Verdict.RETRYABLE,
    errors.ReplicaNotAvailableError: Verdict.RETRYABLE,
    errors.CorruptRecordException: Verdict.RETRYABLE,
    errors.KafkaStorageError: Verdict.RETRYABLE,
    errors.StaleLeaderEpochCodeError: Verdict.RETRYABLE,
    errors.FetchSessionIdNotFound: Verdict.RETRYABLE,
    errors.InvalidFetchSessionEpoch: Verdict.RETRYABLE,
    errors.NoOffsetForPartitionError: Verdict.RETRYABLE,
    errors.OffsetOutOfRangeError: Verdict.RETRYABLE,
    errors.UnknownError: Verdict.RETRYABLE,
    # The client's own state is lost: sequence numbers, producer ID, a dead background task.
    errors.OutOfOrderSequenceNumber: Verdict.BROKEN,
    errors.DuplicateSequenceNumber: Verdict.BROKEN,
    errors.UnknownProducerId: Verdict.BROKEN,
    errors.ProducerFenced: Verdict.BROKEN,
    errors.InvalidProducerEpoch: Verdict.BROKEN,
    errors.InvalidProducerIdMapping: Verdict.BROKEN,
    errors.ProducerClosed: Verdict.BROKEN,
    errors.ConsumerStoppedError: Verdict.BROKEN,
    # Nothing will work until somebody changes a setting or a permission.
    errors.AuthenticationFailedError: Verdict.FATAL,
    errors.AuthenticationMethodNotSupported: Verdict.FATAL,
    errors.SaslAuthenticationFailed: Verdict.FATAL,
    errors.UnsupportedSaslMechanismError: Verdict.FATAL,
    errors.IllegalSaslStateError: Verdict.FATAL,
    errors.TopicAuthorizationFailedError: Verdict.FATAL,
    errors.GroupAuthorizationFailedError: Verdict.FATAL,
    errors.ClusterAuthorizationFailedError: Verdict.FATAL,
    errors.TransactionalIdAuthorizationFailed: Verdict.FATAL,
    errors.SecurityDisabled: Verdict.FATAL,
    errors.InvalidTopicError: Verdict.FATAL,
    errors.InvalidGroupIdError: Verdict.FATAL,
    errors.InvalidSessionTimeoutError: Verdict.FATAL,
    errors.InconsistentGroupProtocolError: Verdict.FATAL,
    errors.InvalidRequiredAcksError: Verdict.FATAL,
    errors.InvalidConfigurationError: Verdict.FATAL,
    # Every record carries the time of its sending: the clock or the topic is set wrong.
    errors.InvalidTimestampError: Verdict.FATAL,
    errors.PolicyViolationError: Verdict.FATAL,
    errors.UnsupportedVersionError: Verdict.FATAL,
    errors.UnsupportedForMessageFormatError: Verdict.FATAL,
    errors.UnsupportedCodecError: Verdict.FATAL,
    errors.IncompatibleBrokerVersion: Verdict.FATAL,
    errors.UnrecognizedBrokerVersion: Verdict.FATAL,
    errors.KafkaConfigurationError: Verdict.FATAL,
    errors.IllegalArgumentError: Verdict.FATAL,
    errors.IllegalOperation: Verdict.FATAL,
}

# What aiokafka and the sockets below it raise; the rest is a mistake of ours and passes through.
KAFKA_ERRORS = (
    errors.KafkaError,
    errors.ConsumerStoppedError,
    errors.IllegalOperation,
    OSError,
)

_GRANT = "grant the right: `plimsoll topics rights` lists what is needed"
# What to do about those that do not end by themselves, where more can be said than of all.
_REMEDIES: dict[type[BaseException], str] = {
    errors.TopicAuthorizationFailedError: _GRANT,
    errors.GroupAuthorizationFailedError: _GRANT,
    errors.TransactionalIdAuthorizationFailed: _GRANT,
    errors.InvalidTimestampError: "this machine's clock is wrong, or the topic's "
    "message.timestamp.after.max.ms or message.timestamp.before.max.ms: correct it",
}
_REMEDY = "check kafka.* settings, permissions and `plimsoll doctor`"

_DELAY = timedelta(milliseconds=500)
# Brokers say "unknown" of what passes and of what never will: with growing pauses, three minutes.
_MOST_UNKNOWN = 20


def verdict(error: BaseException) -> Verdict:
    """What to do about an error of aiokafka or of the sockets below it."""
    for kind in type(error).__mro__:
        if kind in VERDICTS:
            return VERDICTS[kind]
    if type(error) is errors.KafkaError:
        # aiokafka wraps what ended one of its background tasks in the bare class.
        return Verdict.BROKEN
    # Sockets, and what a broker of a later version may add, pass or are seen as they repeat.
    return Verdict.RETRYABLE


def translate(error: BaseException, doing: str) -> PlimsollError:
    """The error in Plimsoll's words; `doing` says what was tried, as `committing offsets`."""
    what = verdict(error)
    # Most of aiokafka's errors begin with their own name; sockets' do not.
    words, name = str(error), type(error).__name__
    said = f"{doing}: {words if words.startswith(name) else f'{name}: {words}'}"
    if what is Verdict.POISON:
        return PoisonError("too_large", said)
    if what is Verdict.FATAL:
        return FatalError(f"{said}; {_REMEDIES.get(type(error), _REMEDY)}")
    unknown = isinstance(error, errors.UnknownError)
    return RetryableError(said, _DELAY, _MOST_UNKNOWN if unknown else None)

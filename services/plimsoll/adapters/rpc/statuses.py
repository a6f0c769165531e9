"""How calls end that cannot be answered: a status code with the details of google.rpc."""

from __future__ import annotations

from datetime import timedelta
from typing import NoReturn

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from plimsoll.domain.caller import ANYBODY, Caller
from plimsoll.domain.errors import RetryableError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import TopicPartition
from plimsoll.ports.store import DeadLetterRow
from plimsoll.v1 import service_pb2

DOMAIN = "plimsoll"
RESULT_TYPE = "plimsoll.v1.ScoredResult"
_DETAILS_KEY = "grpc-status-details-bin"
# Trailers have 8 KiB in all.
_MAX_MESSAGE_CHARS = 1_000

NOT_SEEN = "NOT_SEEN"
NOT_SCORED_YET = "NOT_SCORED_YET"
DEAD_LETTER = "DEAD_LETTER"
ERASED = "ERASED"


class StatusError(Exception):
    """Ends a call with this status."""

    def __init__(self, code: grpc.StatusCode, message: str, *details: Message) -> None:
        super().__init__(message[:_MAX_MESSAGE_CHARS])
        self.code = code
        self.message = message[:_MAX_MESSAGE_CHARS]
        self.details = details

    def trailing_metadata(self) -> tuple[tuple[str, bytes], ...]:
        """The details as grpc-status reads them."""
        status = status_pb2.Status(code=self.code.value[0], message=self.message)
        for detail in self.details:
            packed = any_pb2.Any()
            packed.Pack(detail)
            status.details.append(packed)
        return ((_DETAILS_KEY, status.SerializeToString()),)

    def as_item(self) -> service_pb2.ItemError:
        """The same inside a batch's answer."""
        item = service_pb2.ItemError(code=self.code.value[0], message=self.message)
        for detail in self.details:
            if isinstance(detail, error_details_pb2.ErrorInfo):
                item.reason = detail.reason
                item.metadata.update(detail.metadata)
        return item

    async def end(self, context: grpc.aio.ServicerContext[bytes, bytes]) -> NoReturn:
        """Ends the call."""
        await context.abort(self.code, self.message, self.trailing_metadata())


def invalid(field: str, problem: str) -> StatusError:
    """A field of the request is wrong."""
    violation = error_details_pb2.BadRequest.FieldViolation(field=field, description=problem)
    return StatusError(
        grpc.StatusCode.INVALID_ARGUMENT,
        f"{field}: {problem}",
        error_details_pb2.BadRequest(field_violations=[violation]),
    )


def not_found(
    key: ResultKey, reason: str, offsets: dict[TopicPartition, int], caller: Caller = ANYBODY
) -> StatusError:
    """No score and no dead letter of this key has been projected; ErrorInfo says how far it is.

    To a caller who may not see every tenant, offsets would tell how much the others send.
    """
    begun = sum(offset > 0 for offset in offsets.values())
    so_far = f"records of {begun} of {len(offsets)} partitions" if begun else "nothing"
    what = "is not scored yet" if reason == NOT_SCORED_YET else "has neither score nor dead letter"
    message = (
        f"{key} {what}; the store has projected {so_far}. `plimsoll why {key}` says where it stands"
    )
    metadata = {"tenant": key.tenant, "result_id": key.result_id}
    if caller.tenants is None:
        projected = (f"{tp.topic}-{tp.partition}@{at}" for tp, at in sorted(offsets.items()))
        metadata["projected"] = " ".join(projected)[:2_000]
    return StatusError(
        grpc.StatusCode.NOT_FOUND,
        message,
        error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata),
        error_details_pb2.ResourceInfo(
            resource_type=RESULT_TYPE, resource_name=str(key), description=what
        ),
    )


def dead_letter(key: ResultKey, letter: DeadLetterRow) -> StatusError:
    """The result ended in the dead letters."""
    source = letter.source
    metadata = {
        "tenant": key.tenant,
        "result_id": key.result_id,
        "reason": letter.reason,
        "detail": letter.detail[:_MAX_MESSAGE_CHARS],
        "source": f"{source.topic}-{source.partition}@{source.offset}#{source.index}",
        "attempts": str(letter.attempts),
    }
    violation = error_details_pb2.PreconditionFailure.Violation(
        type=DEAD_LETTER, subject=str(key), description=letter.reason
    )
    return StatusError(
        grpc.StatusCode.FAILED_PRECONDITION,
        f"{key} is in the dead letters: {letter.reason}: {letter.detail}",
        error_details_pb2.ErrorInfo(reason=DEAD_LETTER, domain=DOMAIN, metadata=metadata),
        error_details_pb2.PreconditionFailure(violations=[violation]),
    )


def erased(key: ResultKey) -> StatusError:
    """The result was erased, and will not come back."""
    metadata = {"tenant": key.tenant, "result_id": key.result_id}
    violation = error_details_pb2.PreconditionFailure.Violation(
        type=ERASED, subject=str(key), description="erased"
    )
    return StatusError(
        grpc.StatusCode.FAILED_PRECONDITION,
        f"{key} was erased on order; no score of it is kept",
        error_details_pb2.ErrorInfo(reason=ERASED, domain=DOMAIN, metadata=metadata),
        error_details_pb2.PreconditionFailure(violations=[violation]),
    )


def exhausted(what: str, limit: int, setting: str) -> StatusError:
    """Too many of something are open; `setting` is the bound's name."""
    violation = error_details_pb2.QuotaFailure.Violation(
        subject=setting, description=f"at most {limit} {what}"
    )
    return StatusError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        f"{limit} {what} are open already ({setting}): try again later",
        error_details_pb2.QuotaFailure(violations=[violation]),
        _retry_in(timedelta(seconds=1)),
    )


def slowed_down(setting: str, wait_s: float) -> StatusError:
    """The caller calls more often than `setting` lets them."""
    violation = error_details_pb2.QuotaFailure.Violation(
        subject=setting, description="calls of one caller"
    )
    return StatusError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        f"you call more often than {setting} allows: try again in {wait_s:.3f} s",
        error_details_pb2.QuotaFailure(violations=[violation]),
        _retry_in(timedelta(seconds=wait_s)),
    )


def unavailable(message: str, delay: timedelta = timedelta(seconds=1)) -> StatusError:
    """What is behind this service does not answer; try again after `delay`."""
    return StatusError(grpc.StatusCode.UNAVAILABLE, message, _retry_in(delay))


def of_retryable(error: RetryableError) -> StatusError:
    """UNAVAILABLE with the error's own delay."""
    return unavailable(str(error), error.delay)


def _retry_in(delay: timedelta) -> error_details_pb2.RetryInfo:
    wait = duration_pb2.Duration()
    wait.FromTimedelta(delay)
    return error_details_pb2.RetryInfo(retry_delay=wait)

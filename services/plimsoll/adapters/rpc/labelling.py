"""Labels: checked, named, published, and answered once the broker has them."""

from __future__ import annotations

import asyncio
import math
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

import structlog

from plimsoll.adapters.rpc.claim_labels import (
    read_claims,
    refuse_unknown,
    write_about_claims,
)
from plimsoll.adapters.rpc.requests import read_key
from plimsoll.adapters.rpc.statuses import invalid, unavailable
from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.domain.feedback import Feedback, Sight
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Position
from plimsoll.ports.clock import Clock
from plimsoll.v1 import common_pb2, feedback_pb2, service_pb2
from plimsoll.wire.enums import FEEDBACK_SOURCE
from plimsoll.wire.times import to_datetime

_log = structlog.get_logger(__name__)

# A label, and the W3C trace context to send along, '' without any.
Publish = Callable[[Feedback, str], Awaitable[Position]]
# What look-ups show of a result now.
See = Callable[[ResultKey], Awaitable[Sight]]

_LONGEST_S = 10.0
# Kept back from the caller's deadline, so that the answer arrives before it.
_ANSWER_MARGIN_S = 0.05
_MAX_ID_CHARS = 128
_MAX_COMMENT_CHARS = 10_000


class Labelling:
    """Publishes labels; one that is not acknowledged in time may still arrive.

    What look-ups show goes with each, whatever the caller put there: so it teaches by itself.
    """

    def __init__(self, publish: Publish, see: See, clock: Clock) -> None:
        self._publish = publish
        self._see = see
        self._clock = clock

    async def submit(
        self,
        request: service_pb2.SubmitFeedbackRequest,
        time_left_s: float | None,
        traceparent: str = "",
    ) -> bytes:
        """A SubmitFeedbackResponse."""
        feedback = self._read(request.feedback)
        timeout_s = min(_LONGEST_S, _LONGEST_S if time_left_s is None else time_left_s)
        try:
            at, sight = await asyncio.wait_for(
                self._send(feedback, traceparent), max(0.0, timeout_s - _ANSWER_MARGIN_S)
            )
        except TimeoutError as error:
            raise unavailable(
                f"no broker has acknowledged feedback {feedback.feedback_id} in time; send it"
                " again under this feedback_id, it counts once"
            ) from error
        return _reply(feedback, at, sight).SerializeToString()

    async def _send(self, feedback: Feedback, traceparent: str) -> tuple[Position, Sight | None]:
        """Where it is, and what was visible; None where the store did not say."""
        try:
            sight = await self._see(feedback.key)
        except RetryableError:
            # A label that is to teach is better sent again; any other needs no store.
            if feedback.audit:
                raise
            return await self._published(feedback, traceparent), None
        claims = None if feedback.claims is None else sight.claims
        if claims is not None:
            refuse_unknown(feedback.claims or (), claims)
        about = None if feedback.label is None else sight.result
        seen = replace(feedback, seen=about, seen_claims=claims)
        return await self._published(seen, traceparent), sight

    async def _published(self, feedback: Feedback, traceparent: str) -> Position:
        """Where it is; who may label must not end the look-ups of all by that."""
        try:
            return await self._publish(feedback, traceparent)
        except FatalError as error:
            _log.error("query.label.refused", error=str(error))
            # What is wrong with a right or a setting is for the log, not for callers.
            raise unavailable(
                f"the brokers do not take labels from this service; send {feedback.feedback_id}"
                " again once that is mended"
            ) from error

    def _read(self, given: feedback_pb2.Feedback) -> Feedback:
        key = read_key(given.tenant, given.result_id, "feedback.")
        if given.source not in feedback_pb2.FeedbackSource.values():
            raise invalid("feedback.source", f"{given.source} is not a source of feedback")
        for name in ("feedback_id", "supersedes", "rater"):
            if len(getattr(given, name)) > _MAX_ID_CHARS:
                raise invalid(f"feedback.{name}", f"is longer than {_MAX_ID_CHARS} characters")
        if len(given.comment) > _MAX_COMMENT_CHARS:
            raise invalid("feedback.comment", f"is longer than {_MAX_COMMENT_CHARS} characters")
        return Feedback(
            feedback_id=given.feedback_id or str(uuid.uuid4()),
            key=key,
            label=_label(given),
            claims=read_claims(given),
            source=FEEDBACK_SOURCE[given.source],
            rater=given.rater,
            create_time=_time(given) or self._clock.now(),
            supersedes=given.supersedes,
            retracted=given.retracted,
            comment=given.comment,
            audit=given.audit,
        )


def _time(given: feedback_pb2.Feedback) -> datetime | None:
    if not given.HasField("create_time"):
        return None
    try:
        return to_datetime(given.create_time)
    except ValueError as error:
        raise invalid("feedback.create_time", str(error)) from error


def _reply(
    feedback: Feedback, at: Position, sight: Sight | None
) -> service_pb2.SubmitFeedbackResponse:
    reply = service_pb2.SubmitFeedbackResponse(
        feedback_id=feedback.feedback_id,
        position=common_pb2.Position(topic=at.topic, partition=at.partition, offset=at.offset),
    )
    if sight is not None and feedback.label is not None:
        reply.seen = sight.result is not None
    if sight is not None and feedback.claims is not None:
        write_about_claims(reply, feedback.claims, sight.claims)
    return reply


def _label(given: feedback_pb2.Feedback) -> bool | float | None:
    match given.WhichOneof("label"):
        case "correct":
            return given.correct
        case "grade" if math.isfinite(given.grade) and 0.0 <= given.grade <= 1.0:
            return given.grade
        case "grade":
            raise invalid("feedback.grade", f"{given.grade} is not in [0, 1]")
    if given.HasField("claims"):
        return None
    raise invalid("feedback.label", "neither correct nor grade is set, and no claims are")

"""A label carries what look-ups showed of its result."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plimsoll.adapters.rpc.labelling import Labelling
from plimsoll.domain.errors import RetryableError
from plimsoll.domain.feedback import Feedback, Seen, Sight
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Position
from plimsoll.domain.result import TaskKind
from plimsoll.v1 import common_pb2, feedback_pb2, result_pb2, score_pb2, service_pb2
from tests.contracts.rows import batch, score
from tests.integration.rpc.conftest import Labels, Service, message
from tests.support.fake_clock import FakeClock


def event() -> score_pb2.ScoredResult:
    """A scored event with a basis, a promise and something learned."""
    scored = message("a")
    scored.revision = 7
    scored.task_kind = result_pb2.TASK_KIND_OPEN_QA
    scored.confidence.basis = "b" * 16
    scored.confidence.calibration_id = "calibrated-1"
    scored.confidence.promises.add(error_rate=0.05, certificate="c-1")
    scored.confidence.unlearned.CopyFrom(
        score_pb2.ConfidenceValue(
            point=0.6, interval=common_pb2.Interval(lower=0.2, upper=0.9, level=0.9)
        )
    )
    return scored


def incomplete(scored: score_pb2.ScoredResult) -> None:
    """Something was held out of it."""
    scored.complete = False


def without_basis(scored: score_pb2.ScoredResult) -> None:
    """As older scores are."""
    scored.confidence.basis = ""


def without_estimate(scored: score_pb2.ScoredResult) -> None:
    """Nothing could be measured."""
    scored.confidence.absence.reason = common_pb2.ABSENCE_REASON_NOT_APPLICABLE


def request(audit: bool = True) -> service_pb2.SubmitFeedbackRequest:
    """A label whose sender claims to have seen something."""
    claimed = feedback_pb2.Seen(score_id="mine", basis="mine", point=0.999)
    feedback = feedback_pb2.Feedback(
        tenant="default", result_id="a", correct=True, audit=audit, seen=claimed
    )
    return service_pb2.SubmitFeedbackRequest(feedback=feedback)


async def labelled(service: Service, scored: score_pb2.ScoredResult | bytes) -> Seen | None:
    """What goes with a label once this is the visible score."""
    payload = scored if isinstance(scored, bytes) else scored.SerializeToString()
    await service.store.write(batch(score("a", 0, payload=payload)))
    reply = await service.stub.SubmitFeedback(request())
    [taken] = service.labels.taken
    assert taken.audit
    assert (reply.HasField("seen"), reply.seen) == (True, taken.seen is not None)
    return taken.seen


async def test_a_label_carries_what_was_visible(service: Service) -> None:
    """Both points, the basis and the promises; what its sender claims is thrown away."""
    assert await labelled(service, event()) == Seen(
        score_id="score-of-a",
        revision=7,
        task_kind=TaskKind.OPEN_QA,
        basis="b" * 16,
        point=0.6,
        shown=0.7,
        calibration_id="calibrated-1",
        certificates=("c-1",),
    )


@pytest.mark.parametrize("spoil", [incomplete, without_basis, without_estimate])
async def test_what_teaches_nothing_is_not_seen(
    service: Service, spoil: Callable[[score_pb2.ScoredResult], None]
) -> None:
    """Incomplete results, and those without a basis or an estimate, are labelled unseen."""
    scored = event()
    spoil(scored)
    assert await labelled(service, scored) is None


async def test_a_payload_that_cannot_be_read_is_not_seen(service: Service) -> None:
    """The label is taken as any other."""
    assert await labelled(service, b"\xff\xff") is None


async def test_a_result_that_is_not_there_is_labelled_unseen(service: Service) -> None:
    """Nobody has to wait for a score to send a label; what the sender claims stays out.

    The answer says that nothing was there.
    """
    reply = await service.stub.SubmitFeedback(request())
    assert (reply.HasField("seen"), reply.seen) == (True, False)
    assert [taken.seen for taken in service.labels.taken] == [None]


async def test_a_store_that_is_away_holds_back_labels_that_teach() -> None:
    """An audit's label is to be sent again; any other goes on without what was seen."""
    labels = Labels()

    async def away(key: ResultKey) -> Sight:
        raise RetryableError(f"no store for {key}")

    async def publish(feedback: Feedback, traceparent: str) -> Position:
        return await labels.publish(feedback, traceparent)

    labelling = Labelling(publish, away, FakeClock())
    with pytest.raises(RetryableError, match="no store"):
        await labelling.submit(request(), None)
    assert labels.taken == []
    answer = await labelling.submit(request(audit=False), None)
    assert not service_pb2.SubmitFeedbackResponse.FromString(answer).HasField("seen")
    assert [(taken.audit, taken.seen) for taken in labels.taken] == [(False, None)]


async def test_a_label_goes_on_in_the_trace_of_its_caller(service: Service) -> None:
    """As it came, where the service traces nothing itself; what is no trace context stays out."""
    caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for sent in (caller, "nonsense"):
        await service.stub.SubmitFeedback(request(), metadata=(("traceparent", sent),))
    await service.stub.SubmitFeedback(request())
    assert service.labels.traces == [caller, "", ""]

"""The path of a record: what it becomes, and what it never becomes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta

import pytest

from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.calibration.combine import Combination
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.errors import PoisonError
from plimsoll.domain.outcome import Outcome, Park, Publish, Skip
from plimsoll.domain.plan import Plan, PlanRule
from plimsoll.domain.record import OutRecord, Record
from plimsoll.domain.result import Expectations, LlmResult
from plimsoll.domain.scored import ScoredResult
from plimsoll.metrics.registry import registered_metrics
from plimsoll.pipeline.results import ResultPath, Routes
from plimsoll.pipeline.scoring import ResultScorer
from plimsoll.ports.telemetry import ABSENCES, HELD_OUT, UNKNOWN_FIELDS
from plimsoll.ports.tracing import Tracing
from plimsoll.v1 import score_pb2
from plimsoll.wire.headers import JSON
from plimsoll.wire.publish import encode_result
from plimsoll.wire.records import IngestRules
from plimsoll.wire.rescores import decode_rescore
from plimsoll.wire.results import result_to_proto
from plimsoll.wire.scored import decode_scored
from tests.support.fake_clock import FakeClock
from tests.unit.metrics.results import result
from tests.unit.pipeline.fake_compute import FakeCompute

PATTERN = Expectations(regex="Par(is|ma)")


class Walk:
    """A path with its surroundings."""

    def __init__(
        self,
        *,
        computes: bool = True,
        max_scored_bytes: int = 262_144,
        tracing: Tracing | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.telemetry = PrometheusTelemetry()
        self.compute = FakeCompute()
        plan = Plan("all", (PlanRule("all", None),), max_hold=timedelta(minutes=15))
        self.path = ResultPath(
            ResultScorer(plan, registered_metrics(), Combination.load_prior()),
            Routes({"results": IngestRules()}, "scores", "rescores", max_scored_bytes, "test/1"),
            self.clock,
            self.telemetry,
            self.compute if computes else None,
            tracing=tracing,
        )

    def at_once(self, record: Record) -> tuple[Outcome, ...]:
        """What a record becomes that has nothing to wait for."""
        answer = self.path(record)
        assert isinstance(answer, tuple)
        return answer

    async def outcomes(self, record: Record) -> tuple[Outcome, ...]:
        """What a record becomes, waited for."""
        answer = self.path(record)
        return await answer if isinstance(answer, Coroutine) else answer


def record(given: LlmResult, topic: str = "results", offset: int = 7) -> Record:
    """A result as it came."""
    out = encode_result(given, topic)
    return Record(topic, 1, offset, 1_700_000_000_123, out.key, out.value, out.headers)


def as_record(out: OutRecord, offset: int = 0) -> Record:
    """What was sent, as it comes back."""
    return Record(out.topic, 0, offset, 1_700_000_900_000, out.key, out.value, out.headers)


def event(outcome: Outcome) -> ScoredResult:
    """The scored event of an outcome: what it publishes last."""
    assert isinstance(outcome, Publish)
    return decode_scored(outcome.records[-1].value or b"")


def absence_of(scored: ScoredResult, metric: str) -> Absence | None:
    """Why a metric has no value."""
    return next(score.absence for score in scored.scores if score.metric == metric)


def test_a_plain_record_has_its_outcome_at_once() -> None:
    """A record with nothing to wait for becomes one event without any task."""
    walk = Walk()
    (outcome,) = walk.at_once(record(result()))
    scored = event(outcome)
    assert (scored.revision, scored.complete) == (0, True)
    assert scored.observation is not None
    at = scored.observation.source
    assert (at.topic, at.partition, at.offset, at.index) == ("results", 1, 7, 0)


def test_a_replay_has_the_same_content() -> None:
    """The same record at another time gives the same score ID and content digest."""
    first, second = Walk(), Walk()
    second.clock.seconds += 86_400
    a, b = (event(walk.at_once(record(result()))[0]) for walk in (first, second))
    assert (a.score_id, a.content_digest) == (b.score_id, b.content_digest)
    assert a.observation != b.observation


def test_poison_is_parked_with_its_reason() -> None:
    """Bytes that are no result become a dead letter, and nothing else."""
    (outcome,) = Walk().at_once(Record("results", 0, 0, 0, None, b"\xff\xff\xff", ()))
    assert isinstance(outcome, Park)
    assert outcome.reason == "undecodable"


def test_a_topic_without_rules_is_poison() -> None:
    """A record of a topic that nobody configured is not read by guess."""
    with pytest.raises(PoisonError, match="unknown_topic"):
        Walk().path(record(result(), topic="other"))


def test_unknown_json_fields_are_counted() -> None:
    """A field that nobody knows is passed over and counted."""
    walk = Walk()
    value = b'{"resultId": "r", "response": {"text": "Paris"}, "mood": "sunny"}'
    walk.path(Record("results", 0, 0, 0, None, value, (("content-type", JSON.encode()),)))
    assert walk.telemetry.value(UNKNOWN_FIELDS, ("results",)) == 1


async def test_user_supplied_patterns_run_aside() -> None:
    """A pattern of the user's is evaluated by the pool, with what is left of the deadline."""
    walk = Walk()
    (outcome,) = await walk.outcomes(record(result(expectations=PATTERN)))
    scored = event(outcome)
    assert walk.compute.deadlines == [30.0]
    assert next(s.value for s in scored.scores if s.metric == "regex_validity") == 1.0


async def test_aside_and_inline_give_the_same_content() -> None:
    """Where a metric runs changes neither the order of scores nor the digest."""
    walk = Walk()
    given = result(expectations=PATTERN)
    (outcome,) = await walk.outcomes(record(given))
    aside = event(outcome)
    here = walk.path._scorer.score(given, aside.input_digest)
    assert [s.metric for s in aside.scores] == [s.metric for s in here.scores]
    assert [s.outcome for s in aside.scores] == [s.outcome for s in here.scores]


async def test_without_processes_long_metrics_are_not_configured() -> None:
    """compute_processes 0 leaves an absence that says so, never a stalled loop."""
    (outcome,) = await Walk(computes=False).outcomes(record(result(expectations=PATTERN)))
    absence = absence_of(event(outcome), "regex_validity")
    assert absence is not None
    assert absence.reason is AbsenceReason.NOT_CONFIGURED


async def test_a_hold_that_runs_out_publishes_and_asks_again() -> None:
    """After max_hold an incomplete revision 0 and a rescore request go out together."""
    walk = Walk()
    walk.compute.gate.close()
    source = record(result(expectations=PATTERN))
    (outcome,) = await walk.outcomes(source)
    assert isinstance(outcome, Publish)
    scored, request = event(outcome), decode_rescore(as_record(outcome.records[0]))
    absence = absence_of(scored, "regex_validity")
    assert absence is not None
    assert (scored.revision, scored.complete) == (0, False)
    assert absence.reason is AbsenceReason.THROTTLED
    assert request.original == source.value
    assert request.revision == int(walk.clock.now().timestamp() * 1_000_000)
    assert walk.clock.seconds == 1_900.0
    assert walk.telemetry.value(HELD_OUT, ("throttled",)) == 1


async def test_a_rescore_goes_on_in_the_trace_of_its_result() -> None:
    """The context that came with the record comes with the request, and is on the later event."""
    walk = Walk()
    walk.compute.gate.close()
    parent = f"00-{'a' * 32}-{'b' * 16}-01"
    source = record(result(expectations=PATTERN))
    traced = source._replace(headers=(*source.headers, ("traceparent", parent.encode())))
    (held,) = await walk.outcomes(traced)
    assert isinstance(held, Publish)
    assert decode_rescore(as_record(held.records[0])).traceparent == parent
    walk.compute.gate.open()
    (again,) = await walk.outcomes(as_record(held.records[0]))
    after = event(again).observation
    assert after is not None
    assert after.traceparent == parent


async def test_a_rescore_completes_the_same_result() -> None:
    """The request leads to a complete score of the same input under the request's revision."""
    walk = Walk()
    walk.compute.gate.close()
    (held,) = await walk.outcomes(record(result(expectations=PATTERN)))
    assert isinstance(held, Publish)
    walk.compute.gate.open()
    (again,) = await walk.outcomes(as_record(held.records[0]))
    before, after = event(held), event(again)
    assert after.complete
    assert after.revision > before.revision == 0
    assert after.key == before.key
    assert after.input_digest == before.input_digest
    assert after.observation is not None
    assert before.observation is not None
    assert after.observation.source == before.observation.source


async def test_a_rescore_of_a_redriven_result_is_of_the_same_result() -> None:
    """A result without an ID that was put back keeps its name when it is scored again."""
    walk = Walk()
    walk.compute.gate.close()
    given = result(expectations=PATTERN)
    message = result_to_proto(given)
    message.result_id = ""
    put_back = record(given)._replace(
        value=message.SerializeToString(), headers=(("plimsoll-first-at", b"results/1/3"),)
    )
    (held,) = await walk.outcomes(put_back)
    assert isinstance(held, Publish)
    walk.compute.gate.open()
    (again,) = await walk.outcomes(as_record(held.records[0]))
    assert event(again).key == event(held).key
    assert event(again).input_digest == event(held).input_digest


async def test_a_rescore_that_is_held_out_asks_nobody_again() -> None:
    """A rescore request never leads to another one."""
    walk = Walk()
    walk.compute.gate.close()
    (held,) = await walk.outcomes(record(result(expectations=PATTERN)))
    assert isinstance(held, Publish)
    (again,) = await walk.outcomes(as_record(held.records[0]))
    assert isinstance(again, Publish)
    assert len(again.records) == 1


async def test_a_rescore_of_a_result_that_is_not_there_is_skipped() -> None:
    """A request that names an index beyond its record's results has nothing to do."""
    walk = Walk()
    walk.compute.gate.close()
    (held,) = await walk.outcomes(record(result(expectations=PATTERN)))
    assert isinstance(held, Publish)
    request = decode_rescore(as_record(held.records[0]))
    assert request.source.index == 0
    message = score_pb2.RescoreRequest.FromString(held.records[0].value or b"")
    message.source.index = 5
    wrong = as_record(held.records[0])._replace(value=message.SerializeToString())
    assert walk.path(wrong) == (Skip("rescore_without_result"),)


def test_an_event_that_cannot_be_made_small_is_parked_under_its_name() -> None:
    """What stays over its limit is a dead letter that names the result."""
    (outcome,) = Walk(max_scored_bytes=100).at_once(record(result()))
    assert isinstance(outcome, Park)
    assert (outcome.reason, outcome.key) == ("unpublishable", result().key)


def test_absences_are_counted_by_metric_and_reason() -> None:
    """Telemetry says which metric lacks what."""
    walk = Walk()
    walk.path(record(result()))
    assert walk.telemetry.value(ABSENCES, ("mean_token_entropy", "input_missing")) == 1


async def test_records_do_not_wait_for_one_another() -> None:
    """While one record is held back the next one is scored."""
    walk = Walk()
    walk.compute.gate.close()
    held = asyncio.ensure_future(walk.outcomes(record(result(expectations=PATTERN))))
    assert isinstance(walk.path(record(result(), offset=8)), tuple)
    await held

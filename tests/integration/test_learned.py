"""What was learned on a real Kafka: scorers take it up as they run, and look-ups tell of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.adapters.rpc.answers import ConfidenceRecord
from plimsoll.adapters.rpc.client import ConfidenceClient
from plimsoll.cli.findings import Health
from plimsoll.cli.promise_checks import promises_state
from plimsoll.cli.promises import read_learned
from plimsoll.domain.confidence import ConfidenceStatus, Decision, Promise, Verdict
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.learned import CertificateState, LearnedScope, ScopeKey
from plimsoll.domain.record import OutRecord
from plimsoll.domain.result import Alternative, LlmResult, Message, Response, TaskKind
from plimsoll.indexer.app import run_indexer
from plimsoll.query.app import run_query
from plimsoll.scorer.app import run_scorer
from plimsoll.settings.model import Settings
from plimsoll.wire.learned import encode_learned
from plimsoll.wire.publish import encode_result
from tests.integration.test_indexer import cancelled, started
from tests.support.asking import patient_client
from tests.support.learned import FITTED, ISSUED, certificate, learned

pytestmark = pytest.mark.kafka

WAIT_S = 300.0
PLAN = """\
policies:
  - name: promised
    conditions:
      - name: wrong in one of twenty at most
        when: {promise: "<= 0.05"}
        then: accept
    otherwise: review
rules:
  - metrics: all
    policy: promised
"""
# Low enough for every result to be covered.
COVERS_ALL = certificate("a", threshold=1e-6)
ACCEPTED = Decision("promised", Verdict.ACCEPT, "wrong in one of twenty at most", "certificate-a")


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """A deployment whose policy rests on promises; nothing is too late on a busy machine."""
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    scorer = settings.scorer.model_copy(update={"plan_file": plan, "learned_wait_s": WAIT_S})
    query = settings.query.model_copy(update={"max_wait_s": WAIT_S})
    return settings.model_copy(update={"scorer": scorer, "query": query})


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[ConfidenceClient]:
    """Of the query service, with an indexer behind it."""
    running = [await started(run, settings) for run in (run_indexer, run_query)]
    async with patient_client(settings.query.listen) as client:
        yield client
    await cancelled(*running)


class Results:
    """Results that differ in nothing but their IDs, so that one confidence is theirs."""

    def __init__(self, settings: Settings, client: ConfidenceClient) -> None:
        self._settings = settings
        self._client = client
        self._asked = 0

    async def scored(self) -> ConfidenceRecord:
        """One more, once it is scored."""
        self._asked += 1
        key = ResultKey("default", f"r{self._asked}")
        same = tuple(Alternative(Response("Paris")) for _ in range(3))
        messages = (Message("user", "What is the capital of France?"),)
        one = LlmResult(key, Response("Paris"), messages=messages, alternatives=same)
        await publish(self._settings, encode_result(one, self._settings.topics.results))
        return await self._client.get(key, wait=timedelta(seconds=WAIT_S))

    async def until(self, fact: Callable[[ConfidenceRecord], bool]) -> ConfidenceRecord:
        """The first of those to come of which this is true."""
        async with asyncio.timeout(WAIT_S):
            while not fact(found := await self.scored()):
                pass
            return found


async def publish(settings: Settings, record: OutRecord) -> None:
    """Sends, and waits for the acknowledgement."""
    producer = KafkaLogProducer(settings.kafka)
    await producer.start()
    try:
        await (await producer.send(record))
    finally:
        await producer.stop()


async def teach(settings: Settings, scope: LearnedScope) -> None:
    """Publishes what was learned."""
    await publish(settings, encode_learned(scope, settings.topics.calibrations))


async def state_of(
    client: ConfidenceClient, key: ResultKey, until: CertificateState
) -> ConfidenceRecord:
    """What a look-up says of a result once its certificate stands so."""
    async with asyncio.timeout(WAIT_S):
        while True:
            found = await client.get(key)
            if found.certificates == {"certificate-a": until}:
                return found
            await asyncio.sleep(0.02)


async def test_what_is_learned_is_taken_up_and_taken_back(
    settings: Settings, client: ConfidenceClient
) -> None:
    """A running scorer takes it up; a new one knows it from its first result on.

    A revocation reaches the answers about results that were scored before it.
    """
    results = Results(settings, client)
    running = await started(run_scorer, settings)
    try:
        before = await results.scored()
        prior = before.scored.confidence
        assert (prior.status, prior.promises) == (ConfidenceStatus.PRIOR, ())
        assert before.certificates == {}
        assert before.scored.decision == Decision("promised", Verdict.REVIEW, "otherwise")
        key = ScopeKey("default", TaskKind.UNSPECIFIED, prior.basis)
        await teach(settings, learned(COVERS_ALL, key=key, calibration=FITTED))
        taken = await results.until(lambda one: one.scored.confidence.promises != ())
    finally:
        await cancelled(running)
    confidence = taken.scored.confidence
    assert (confidence.status, confidence.labels) == (ConfidenceStatus.CALIBRATED, FITTED.labels)
    assert confidence.unlearned == prior.estimate
    assert confidence.estimate is not None
    assert prior.estimate is not None
    assert confidence.estimate.point < prior.estimate.point
    assert confidence.promises == (Promise(0.05, "certificate-a"),)
    assert taken.scored.decision == ACCEPTED
    shown = await state_of(client, taken.scored.key, CertificateState.STANDING)
    assert shown.standing == confidence.promises
    assert (await promises_state(settings)).health is Health.OK

    running = await started(run_scorer, settings)
    try:
        first = await results.scored()
        assert first.scored.confidence.status is ConfidenceStatus.CALIBRATED
        revoked = certificate("a", threshold=1e-6, revoked=ISSUED)
        await teach(settings, learned(revoked, key=key, calibration=FITTED))
        shown = await state_of(client, taken.scored.key, CertificateState.REVOKED)
        assert shown.standing == ()
        [scope] = await read_learned(settings)
        assert scope.certificates == (revoked,)
        assert (await promises_state(settings)).health is Health.NOTE
        assert shown.scored == taken.scored
        after = await results.until(lambda one: one.scored.confidence.promises == ())
    finally:
        await cancelled(running)
    assert after.scored.confidence.status is ConfidenceStatus.CALIBRATED
    assert after.scored.confidence.estimate == confidence.estimate
    assert after.scored.decision == before.scored.decision

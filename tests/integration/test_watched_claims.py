"""Promises about claims on a real Kafka: audited, taken back, and given no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from plimsoll.adapters.rpc.answers import ConfidenceRecord, View
from plimsoll.adapters.rpc.client import ConfidenceClient
from plimsoll.calibration.claim_filters import LabelledResponse, learned
from plimsoll.calibration.conformal_claims import ScoredClaim
from plimsoll.cli.findings import Health
from plimsoll.cli.promise_checks import promises_state
from plimsoll.cli.promises import read_learned
from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.claim_scopes import claim_certificate, claim_scope
from plimsoll.domain.claims import ClaimFilter, ClaimGuarantee
from plimsoll.domain.feedback import ClaimLabel, Feedback, FeedbackSource
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.learned import CertificateState
from plimsoll.indexer.app import run_indexer
from plimsoll.metrics.claim_faithfulness import scoring_by
from plimsoll.metrics.claim_marks import group_of
from plimsoll.query.app import run_query
from plimsoll.scorer.app import run_scorer
from plimsoll.scorer.tools import ToolSettings, build_tools
from plimsoll.settings.claims import ClaimSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.models import ModelSettings
from plimsoll.wire.publish import encode_result
from tests.integration.test_indexer import cancelled, started
from tests.integration.test_learned import publish
from tests.integration.test_observer import observing
from tests.support.asking import patient_client
from tests.support.tiny_models import make_entailment
from tests.unit.metrics.grounded import grounded

pytestmark = pytest.mark.kafka

WAIT_S = 300.0
# Of the two claims the tiny model gives the first one more than a tenth, and the other less.
GIVEN = grounded("Paris is the capital. Rome is not the capital.", "The capital is Paris.")
TAUGHT = (ScoredClaim(0.1, true=False), ScoredClaim(1.0, true=True))
# More than it takes until a promise of a tenth is taken back, where every audit speaks against it.
AUDITS = 12


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """A deployment that promises something of claims, and asks for no other metric."""
    (tmp_path / "model").mkdir()
    models = ModelSettings(entailment=str(make_entailment(tmp_path / "model")))
    settings = settings.model_copy(update={"models": models})
    model = build_tools(ToolSettings.of(settings)).entailment
    assert model is not None
    labelled = [LabelledResponse(group_of(GIVEN), TAUGHT)] * 9
    filters = learned(labelled, scoring_by(model), ClaimGuarantee.ALL_TRUE, 0.1)
    (tmp_path / "claims.json").write_text(filters.text(), encoding="utf-8")
    (tmp_path / "plan.yaml").write_text("rules:\n  - metrics: [claim_faithfulness]\n")
    scorer = {
        "plan_file": tmp_path / "plan.yaml",
        "learned_wait_s": WAIT_S,
        "compute_processes": 1,
    }
    return settings.model_copy(
        update={
            "claims": ClaimSettings(filter_file=tmp_path / "claims.json"),
            "scorer": settings.scorer.model_copy(update=scorer),
            "query": settings.query.model_copy(update={"max_wait_s": WAIT_S}),
        }
    )


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[ConfidenceClient]:
    """Of the query service, with a scorer and an indexer before it."""
    running = [await started(run, settings) for run in (run_scorer, run_indexer, run_query)]
    async with patient_client(settings.query.listen) as client:
        yield client
    await cancelled(*running)


async def scored(settings: Settings, client: ConfidenceClient, name: str) -> ConfidenceRecord:
    """The same response under another name, once it is scored."""
    key = ResultKey("default", name)
    await publish(settings, encode_result(replace(GIVEN, key=key), settings.topics.results))
    return await client.get(key, wait=timedelta(seconds=WAIT_S), view=View.FULL)


def filtered(record: ConfidenceRecord) -> ClaimFilter:
    """What its one score says of claims."""
    [score] = record.scored.scores
    assert score.claim_filter is not None
    return score.claim_filter


async def looked_up(
    client: ConfidenceClient, key: ResultKey, fact: Callable[[ConfidenceRecord], bool]
) -> ConfidenceRecord:
    """A result as it is told once this is true of it."""
    async with asyncio.timeout(WAIT_S):
        while True:
            found = await client.get(key, view=View.FULL)
            if fact(found):
                return found
            await asyncio.sleep(0.02)


def audit(record: ConfidenceRecord, labels: Sequence[ClaimLabel]) -> Feedback:
    """What a person says of its claims."""
    return Feedback(
        "", record.scored.key, None, FeedbackSource.HUMAN, audit=True, claims=tuple(labels)
    )


async def test_a_promise_about_claims_is_audited_and_taken_back(
    settings: Settings, client: ConfidenceClient
) -> None:
    """Every claim that is kept is found false: look-ups tell of it, and it is promised no more."""
    records = [await scored(settings, client, f"r{number}") for number in range(AUDITS)]
    first = records[0]
    claims = filtered(first)
    scope = claim_scope("default", claims.filter_id, group_of(GIVEN))
    name = claim_certificate(scope)
    assert claims.promise is not None
    assert claims.promise.certificate == name
    assert [claim.start for claim in claims.kept] == [0]
    key = first.scored.key
    await looked_up(client, key, lambda one: one.certificates == {name: CertificateState.UNWATCHED})

    async with observing(settings):
        incomplete = await client.submit_feedback(audit(first, ()))
        assert [claim.start for claim in incomplete.unlabelled] == [0]
        for record in records:
            labels = [ClaimLabel(one.start, one.end, False) for one in filtered(record).kept]
            receipt = await client.submit_feedback(audit(record, labels))
            assert (receipt.claims_seen, receipt.unlabelled) == (True, ())
        gone = await looked_up(
            client, key, lambda one: one.certificates == {name: CertificateState.REVOKED}
        )
    assert gone.scored == first.scored
    assert gone.kept_claims is None
    [told] = [one for one in await read_learned(settings) if one.claims is not None]
    assert told.claims is not None
    assert (told.key, told.claims.state) == (scope, CertificateState.REVOKED)
    assert told.claims.watch.wrong == told.claims.watch.seen < AUDITS
    assert (await promises_state(settings)).health is Health.NOTE

    # A scorer follows the topic on its own: it may take a result or two.
    async with asyncio.timeout(WAIT_S):
        number = AUDITS
        while filtered(after := await scored(settings, client, f"r{number}")).promise is not None:
            number += 1
    outcome = filtered(after).outcome
    assert getattr(outcome, "reason", None) is AbsenceReason.ABSTAINED
    assert getattr(outcome, "detail", "") == f"{name}: labels have spoken against it"
    assert (filtered(after).claims, after.certificates) == ((), {})
    [score], [earlier] = after.scored.scores, first.scored.scores
    assert (score.value, score.metric) == (earlier.value, earlier.metric)

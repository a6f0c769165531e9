"""Labels of claims: what is taken, what is refused, and what the answer says of them."""

from __future__ import annotations

import json
from pathlib import Path

import grpc
import pytest

from plimsoll.domain.claim_scopes import claim_certificate, claim_scope
from plimsoll.domain.claims import ClaimGroup, ClaimGuarantee, ClaimPromise
from plimsoll.domain.feedback import (
    ClaimLabel,
    Feedback,
    FeedbackSource,
    SeenClaim,
    SeenClaims,
)
from plimsoll.domain.learned import CertificateState
from plimsoll.domain.result import TaskKind
from plimsoll.pipeline.learned import LearnedTable
from plimsoll.v1 import feedback_pb2, result_pb2, score_pb2, service_pb2
from tests.contracts.rows import batch, key, score
from tests.integration.rpc.conftest import Served, Service, message, query_settings
from tests.integration.rpc.test_auditing import called
from tests.support.asking import patient_client
from tests.support.counting_telemetry import Figures
from tests.support.fake_clock import FakeClock

GROUP = ClaimGroup(TaskKind.GROUNDED_QA, "en")
CERTIFICATE = claim_certificate(claim_scope("default", "claims-0", GROUP))
PROMISE = ClaimPromise(ClaimGuarantee.ALL_TRUE, 0.1, 50, 0.5, CERTIFICATE)
# Kept: the first and the last.
PLACES = ((0, 21, True), (22, 50, False), (51, 60, True))
SEEN = SeenClaims(
    "score-of-a", 0, "claims-0", GROUP, PROMISE, tuple(SeenClaim(*one) for one in PLACES)
)
TRUE, FALSE = ClaimLabel(0, 21, True), ClaimLabel(51, 60, False)


def event(result_id: str = "a", kept: bool = True) -> score_pb2.ScoredResult:
    """A scored event with a promise about three claims."""
    scored = message(result_id)
    scored.task_kind, scored.language = result_pb2.TASK_KIND_GROUNDED_QA, "en-GB"
    claims = scored.scores.add(metric="claim_faithfulness", version="1", value=0.5).claim_filter
    claims.filter_id = "claims-0"
    claims.promise.guarantee = score_pb2.CLAIM_GUARANTEE_ALL_TRUE
    claims.promise.error_rate, claims.promise.labels = 0.1, 50
    claims.promise.threshold, claims.promise.certificate = 0.5, CERTIFICATE
    for start, end, marked in PLACES:
        claims.claims.add(start=start, end=end, score=0.9 if marked else 0.1, kept=marked and kept)
    return scored


async def show(service: Service, *events: score_pb2.ScoredResult) -> None:
    """These are visible."""
    rows = [
        score(one.result_id, offset, payload=one.SerializeToString())
        for offset, one in enumerate(events)
    ]
    await service.store.write(batch(*rows))


def audit(*labels: ClaimLabel, label: bool | None = None) -> Feedback:
    """Labels of claims of the result a."""
    source = FeedbackSource.HUMAN
    return Feedback("", key("a"), label, source, audit=True, claims=labels)


async def test_labels_of_claims_carry_what_was_promised(service: Service) -> None:
    """The promise and every claim of the visible score, whatever the sender says of them."""
    await show(service, event())
    async with patient_client(service.settings.query.listen) as client:
        receipt = await client.submit_feedback(audit(TRUE, FALSE))
    assert (receipt.seen, receipt.claims_seen, receipt.unlabelled) == (None, True, ())
    [taken] = service.labels.taken
    assert (taken.label, taken.seen) == (None, None)
    assert (taken.claims, taken.seen_claims) == ((TRUE, FALSE), SEEN)


async def test_a_label_of_the_result_alone_carries_nothing_of_claims(service: Service) -> None:
    """It says nothing of them, and its answer neither."""
    await show(service, event())
    request = feedback_pb2.Feedback(result_id="a", correct=True, audit=True)
    request.seen_claims.filter_id = "mine"
    reply = await service.stub.SubmitFeedback(service_pb2.SubmitFeedbackRequest(feedback=request))
    assert (reply.HasField("seen"), reply.HasField("claims_seen")) == (True, False)
    [taken] = service.labels.taken
    assert (taken.claims, taken.seen_claims) == (None, None)


async def test_claims_that_lack_a_label_are_named(service: Service) -> None:
    """Of those that are kept: the label is taken, and may be sent again with the others."""
    await show(service, event())
    async with patient_client(service.settings.query.listen) as client:
        receipt = await client.submit_feedback(audit(TRUE, label=True))
        assert receipt.unlabelled == (SeenClaim(51, 60, True),)
        assert (await client.submit_feedback(audit())).unlabelled == tuple(
            SeenClaim(start, end, True) for start, end, kept in PLACES if kept
        )
    assert [one.claims for one in service.labels.taken] == [(TRUE,), ()]


async def test_where_no_promise_is_visible_labels_of_claims_are_unseen(service: Service) -> None:
    """A result that is not there, one without a filter, and one whose filter promises nothing."""
    nothing = event("a")
    nothing.scores[-1].claim_filter.absence.detail = "too few"
    older = event("a")
    older.scores[-1].claim_filter.promise.ClearField("certificate")
    async with patient_client(service.settings.query.listen) as client:
        assert (await client.submit_feedback(audit(TRUE))).claims_seen is False
        for offset, one in enumerate((message("a"), nothing, older)):
            row = score("a", offset, payload=one.SerializeToString(), revision=offset)
            await service.store.write(batch(row))
            receipt = await client.submit_feedback(audit(TRUE))
            assert (receipt.claims_seen, receipt.unlabelled) == (False, ())
    assert all(one.seen_claims is None for one in service.labels.taken)


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (0, 20, "score score-of-a shows no claim at 0-20; it shows 0-21, 22-50, 51-60"),
        (7, 7, "7-7 is no stretch of text"),
        (9, 3, "9-3 is no stretch of text"),
    ],
)
async def test_a_claim_that_is_not_there_is_refused(
    service: Service, start: int, end: int, said: str
) -> None:
    """It is of another text, or of none; nothing of the label is taken."""
    await show(service, event())
    request = feedback_pb2.Feedback(result_id="a", correct=True)
    request.claims.labels.add(start=start, end=end, correct=True)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await service.stub.SubmitFeedback(service_pb2.SubmitFeedbackRequest(feedback=request))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert said in str(refused.value.details())
    assert service.labels.taken == []


async def test_a_claim_that_is_named_twice_or_not_judged_is_refused(service: Service) -> None:
    """Neither says one thing of it."""
    twice = feedback_pb2.Feedback(result_id="a")
    twice.claims.labels.add(start=0, end=21, correct=True)
    twice.claims.labels.add(start=0, end=21, correct=False)
    unsaid = feedback_pb2.Feedback(result_id="a")
    unsaid.claims.labels.add(start=0, end=21)
    for given, said in ((twice, "is named twice"), (unsaid, "it is not said whether 0-21")):
        request = service_pb2.SubmitFeedbackRequest(feedback=given)
        with pytest.raises(grpc.aio.AioRpcError, match=said):
            await service.stub.SubmitFeedback(request)
    assert service.labels.taken == []


async def test_claims_are_drawn_with_what_to_label(serve_with: Served) -> None:
    """Each claim that is kept by a promise that stands; where none is kept, that is said."""
    clock = FakeClock()
    table = LearnedTable(clock, Figures())
    table.replace(())
    service = await serve_with(query_settings(), certificates=table)
    await show(service, event("a"), event("b", kept=False), message("c"))
    drawn = await called(service, "audit", "--claims", "--rate", "1")
    assert drawn.code == 0, drawn.err
    head, *rows = drawn.out.splitlines()
    assert (head, sorted(rows)) == (
        "result_id,right,claims",
        ["default/a,,0-21:? 51-60:?", "default/b,,none"],
    )
    assert "2 drawn of 3 results, 1 of them without a promise about claims" in drawn.err
    table.lose()
    drawn = await called(service, "audit", "--claims", "--rate", "1", "--json")
    assert (drawn.code, drawn.out) == (0, "")


async def test_claims_that_are_filled_in_are_sent(service: Service, tmp_path: Path) -> None:
    """Beside the label of the result or instead of it; what is not filled in is left out."""
    await show(service, event("a"), event("b", kept=False), event("c"), message("d"))
    file = tmp_path / "labels.csv"
    rows = ["a,,0-21:1 51-60:no", "b,1,none", "c,,0-21:? 51-60:?", "d,,0-21:1", "a,,0-3:1"]
    file.write_text("\n".join(["result_id,right,claims", *rows]) + "\n", encoding="utf-8")
    sent = await called(service, "feedback", "--file", str(file), "--audit")
    assert sent.code == 1
    assert "3 labels sent and acknowledged, 1 rows without one, 1 bad rows" in sent.out
    assert "shows no claim at 0-3" in sent.err
    assert "1 rows say nothing of a promise about claims" in sent.err
    taken = {one.key.result_id: one for one in service.labels.taken}
    assert (taken["a"].label, taken["a"].claims) == (None, (TRUE, FALSE))
    assert (taken["b"].label, taken["b"].claims) == (True, ())
    assert taken["d"].seen_claims is None


async def test_one_label_of_claims_is_sent_from_the_command_line(service: Service) -> None:
    """What lacks a label is named, and what is no label is refused before anything is sent."""
    await show(service, event())
    said = await called(service, "feedback", "a", "--claims", "0-21:1", "--audit", "--json")
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert (told["claims_seen"], told["unlabelled"]) == (True, [[51, 60]])
    assert "kept claims without a label, so nothing is learned of the others: 51-60" in said.err
    refused = await called(service, "feedback", "a", "--claims", "first:1")
    assert (refused.code, "as 0-21:1" in refused.err) == (2, True)
    assert len(service.labels.taken) == 1


async def test_a_look_up_names_the_promise_about_claims(service: Service) -> None:
    """Where nobody follows what becomes of promises that is unknown, and no claim is to be kept."""
    await show(service, event())
    async with patient_client(service.settings.query.listen) as client:
        found = await client.get(key("a"))
    assert found.certificates == {CERTIFICATE: CertificateState.UNKNOWN}
    assert found.kept_claims is None
    shown = await called(service, "get", "a")
    assert "unknown whether that still stands" in " ".join(shown.out.split())

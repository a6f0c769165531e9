"""Scored events keep their digest, their limit and their headers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.claims import Claim, ClaimFilter, ClaimGuarantee, ClaimPromise
from plimsoll.domain.confidence import (
    Confidence,
    ConfidenceStatus,
    Decision,
    Estimate,
    Promise,
    Verdict,
)
from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Position, Record
from plimsoll.domain.result import GenAi, TaskKind
from plimsoll.domain.score import Evidence, Interval, IntervalKind, Score, Unmeasured
from plimsoll.domain.scored import MetricObservation, Observation, ScoredResult
from plimsoll.v1 import score_pb2
from plimsoll.wire.rows import score_row
from plimsoll.wire.scored import decode_scored, encode_scored

LIMIT = 262_144
GOLDEN = "d89485da40040235fe599d06564e75b60d01a053f5121917c619731d02b364d7"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OBSERVED = Observation(
    source=Position("llm.results.v1", 3, 17, 0),
    publish_time=datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC),
    score_time=datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC),
    latency=timedelta(milliseconds=3),
    metrics=(MetricObservation("exact_match_rate", timedelta(microseconds=40)),),
    traceparent=TRACEPARENT,
    scorer="plimsoll/0.1.0",
)
ESTIMATE = Estimate(0.75, Interval(0.5, 0.9, 0.9, IntervalKind.CREDIBLE))
SCORED = ScoredResult(
    key=ResultKey("acme", "r-1"),
    score_id="0123456789abcdef",
    revision=0,
    input_digest="ab" * 32,
    plan_version="plan-1",
    scores=(
        Score("exact_match_rate", "1", 0.875, raw_value=7.0, provenance=(("b", "2"), ("a", "1"))),
        Score("context_coverage", "1", Absence(AbsenceReason.INPUT_MISSING, "no context")),
    ),
    confidence=Confidence(ESTIMATE, ConfidenceStatus.PRIOR, "prior-1", 900, "exact_match_rate"),
    task_kind=TaskKind.OPEN_QA,
    language="en",
    gen_ai=GenAi(request_model="m", request_temperature=0.0),
    decision=Decision("default", Verdict.REVIEW, "lower bound below 0.7"),
    observation=OBSERVED,
)


def encoded(scored: ScoredResult, limit: int = LIMIT) -> ScoredResult:
    """The event as a reader gets it."""
    value = encode_scored(scored, "t", limit).value or b""
    assert len(value) <= limit
    return decode_scored(value)


def test_golden_content_digest() -> None:
    """The digest of a fixed content never moves; if protobuf moves it, its prefix must change."""
    assert encoded(SCORED).content_digest == GOLDEN


def test_observations_change_no_digest() -> None:
    """Times, costs and traces differ from scoring to scoring; the content does not."""
    for seen in (None, replace(OBSERVED, latency=timedelta(hours=1), attempts=9, metrics=())):
        assert encoded(replace(SCORED, observation=seen)).content_digest == GOLDEN


@pytest.mark.parametrize(
    "changed",
    [
        replace(SCORED, revision=1),
        replace(SCORED, complete=False),
        replace(SCORED, scores=SCORED.scores[:1]),
        replace(SCORED, decision=None),
        replace(SCORED, turn=0),
        replace(SCORED, subject_id="s"),
    ],
)
def test_content_changes_the_digest(changed: ScoredResult) -> None:
    """What is not an observation is content, a turn of 0 beside none included."""
    assert encoded(changed).content_digest != GOLDEN


def test_headers_tell_what_matters_without_decoding() -> None:
    """CloudEvents names, confidence, lower bound, verdict and the trace stand in headers."""
    out = encode_scored(SCORED, "llm.scores.v1", LIMIT)
    assert (out.topic, out.key) == ("llm.scores.v1", b"acme/r-1")
    assert dict(out.headers) == {
        "content-type": b"application/protobuf",
        "ce_specversion": b"1.0",
        "ce_type": b"plimsoll.v1.ScoredResult",
        "ce_source": b"plimsoll/scorer",
        "ce_id": b"0123456789abcdef",
        "ce_time": b"2026-01-02T03:04:06+00:00",
        "plimsoll-revision": b"0",
        "plimsoll-confidence": b"0.75",
        "plimsoll-lower-bound": b"0.5",
        "plimsoll-verdict": b"review",
        "traceparent": TRACEPARENT.encode(),
    }


def test_an_absence_stands_in_the_headers_too() -> None:
    """Where there is no confidence there is no number, but the reason."""
    none = replace(SCORED.confidence, outcome=Absence(AbsenceReason.INPUT_MISSING))
    headers = dict(
        encode_scored(replace(SCORED, confidence=none, decision=None), "t", LIMIT).headers
    )
    assert headers["plimsoll-absence"] == b"input_missing"
    assert not headers.keys() & {"plimsoll-confidence", "plimsoll-lower-bound", "plimsoll-verdict"}


def with_evidence(text: str, count: int) -> ScoredResult:
    """A scored result that rests on so many texts."""
    evidence = tuple(Evidence("chunk", f"d{i}", 0, len(text), text) for i in range(count))
    return replace(SCORED, scores=(replace(SCORED.scores[0], evidence=evidence), SCORED.scores[1]))


def test_long_evidence_is_shortened_first() -> None:
    """Over the limit, evidence keeps its place and its first 64 characters."""
    read = encoded(with_evidence("ü" * 50_000, 4))
    assert read.evidence_trimmed
    assert [(e.ref, e.text) for e in read.scores[0].evidence] == [
        (f"d{i}", "ü" * 64) for i in range(4)
    ]
    assert read.scores[0].provenance == (("a", "1"), ("b", "2"))


def test_much_evidence_is_dropped_next() -> None:
    """Where short evidence is too much still, there is none, and everything else is as it was."""
    read = encoded(with_evidence("x" * 100, 4_000))
    assert read.evidence_trimmed
    assert read.scores[0].evidence == ()
    assert read.scores[0].provenance == (("a", "1"), ("b", "2"))
    assert read.confidence == SCORED.confidence


def test_what_is_cut_does_not_depend_on_the_observation() -> None:
    """The digest of a trimmed event is that of its content, however long the scoring was told."""
    metrics = tuple(MetricObservation(f"m{i}", timedelta(seconds=i)) for i in range(2_000))
    long = replace(OBSERVED, metrics=metrics)
    for length in range(253_000, 254_500, 100):
        scored = with_evidence("x" * length, 1)
        one, other = encoded(scored), encoded(replace(scored, observation=long))
        assert one.content_digest == other.content_digest


@pytest.mark.parametrize("limit", [4_096, 8_192, LIMIT])
def test_nothing_but_ids_is_ever_too_long(limit: int) -> None:
    """Texts of a megabyte in every place that only describes still make an event in its limit."""
    long = "y" * 1_000_000
    score = Score(
        "m",
        "1",
        Absence(AbsenceReason.INPUT_INVALID, long),
        evidence=(Evidence("span", text=long),),
        provenance=(("k", long),),
        flags=(long,),
    )
    scored = replace(
        SCORED,
        scores=(score,),
        language=long,
        gen_ai=GenAi(long, long, long, long, output_type=long),
        decision=Decision("p", Verdict.REJECT, long),
        confidence=replace(SCORED.confidence, outcome=Absence(AbsenceReason.ABSTAINED, long)),
    )
    read = encoded(scored, limit)
    assert (read.key, read.score_id, read.evidence_trimmed) == (SCORED.key, SCORED.score_id, True)
    assert read.scores[0].absence == Absence(AbsenceReason.INPUT_INVALID, "y" * 64)
    assert read.observation == OBSERVED


MARKS = ClaimFilter(
    "claims-0",
    ClaimPromise(ClaimGuarantee.ALL_TRUE, 0.1, 50, 0.25),
    tuple(Claim(10 * i, 10 * i + 9, 0.5, kept=True) for i in range(100)),
)


def test_a_promise_is_taken_back_where_its_marks_are_cut() -> None:
    """All marks of an event that holds them; of one that does not, none, and it says why."""
    score = Score("m", "1", 0.5, evidence=(Evidence("span", text="x" * 9_000),), claim_filter=MARKS)
    scored = replace(SCORED, scores=(score,))
    assert encoded(scored, 8_192).scores[0].claim_filter == MARKS
    cut = encoded(replace(scored, scores=(score,) * 4), 8_192)
    assert cut.evidence_trimmed
    for one in cut.scores:
        assert one.claim_filter is not None
        assert isinstance(one.claim_filter.outcome, Absence)
        assert one.claim_filter.outcome.reason is AbsenceReason.TRUNCATED
        assert one.claim_filter.claims == ()


def test_marks_by_a_promise_that_is_not_known_are_none() -> None:
    """What a newer writer promises is not known here: no claim counts as kept."""
    message = score_pb2.ScoredResult(result_id="r", tenant="acme", score_id="s")
    claims = message.scores.add(metric="m", version="1", value=0.5).claim_filter
    claims.promise.error_rate = 0.1
    claims.promise.guarantee = 7  # type: ignore[assignment] # a number that is none of its values
    claims.claims.add(end=5, kept=True)
    found = decode_scored(message.SerializeToString()).scores[0].claim_filter
    assert found is not None
    assert isinstance(found.outcome, Absence)
    assert found.claims == ()


def test_names_are_whole_or_not_there() -> None:
    """No event shows half a response ID or half a model, however much has to be cut."""
    model, response_id = "arn:aws:" + "m" * 150, "resp-" + "r" * 120
    gen_ai = GenAi("aws.bedrock", model, "n" * 5_000, response_id)
    read = encoded(replace(SCORED, gen_ai=gen_ai, language="y" * 10_000), 4_096)
    assert read.evidence_trimmed
    assert read.gen_ai == GenAi("aws.bedrock", model, "", response_id)


def test_ids_are_never_cut() -> None:
    """Half an ID is another one: an event whose IDs are over the limit is refused with its key."""
    with pytest.raises(PoisonError, match="bytes of IDs") as caught:
        encode_scored(replace(SCORED, subject_id="s" * LIMIT), "t", LIMIT)
    assert (caught.value.reason, caught.value.key) == ("unpublishable", SCORED.key)


@pytest.mark.parametrize("value", [b"", b"\xff\xff", b"\x0a\x03r-1"])
def test_what_is_no_scored_event_is_poison(value: bytes) -> None:
    """Bytes without a result's and a score's ID are no scored event."""
    with pytest.raises(PoisonError):
        decode_scored(value)


def test_what_others_left_out_is_not_made_up() -> None:
    """An event without intervals or times gives absences, and no 0 and no year 1970."""
    message = score_pb2.ScoredResult(result_id="r", tenant="acme", score_id="s")
    message.confidence.value.point = 0.75
    message.scores.add(metric="m", version="1", value=0.5).strength.measured.auroc = 0.9
    message.observation.attempts = 1
    value = message.SerializeToString()
    read = decode_scored(value)
    assert read.confidence.estimate is None
    assert isinstance(read.scores[0].strength, Unmeasured)
    assert read.observation is None
    record = Record("llm.scores.v1", 0, 0, 1_700_000_000_000, None, value, ())
    row = score_row(record)
    assert (row.point, row.lower) == (None, None)


def test_what_was_learned_comes_back_and_counts_in_the_digest() -> None:
    """Basis, what the prior says and promises are content."""
    learned = replace(
        SCORED.confidence,
        status=ConfidenceStatus.CALIBRATED,
        basis="0123456789abcdef",
        unlearned=replace(ESTIMATE, point=0.625),
        promises=(Promise(0.05, "promise-1"), Promise(0.1, "promise-2")),
    )
    read = encoded(replace(SCORED, confidence=learned))
    assert read.confidence == learned
    assert read.content_digest != GOLDEN

"""Arbitrary values of the domain, as the contract can carry them."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from hypothesis import strategies as st

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
from plimsoll.domain.feedback import Feedback, FeedbackSource, Seen
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Position
from plimsoll.domain.result import (
    Alternative,
    Code,
    CodeTest,
    ContentRef,
    Document,
    Expectations,
    GenAi,
    LlmResult,
    LogprobOrigin,
    Message,
    ParentRef,
    Response,
    SampledBy,
    TaskKind,
    Tokens,
    ToolCall,
    Usage,
)
from plimsoll.domain.score import Evidence, Interval, IntervalKind, Score, Strength, Unmeasured
from plimsoll.domain.scored import MetricObservation, Observation, ScoredResult

T = TypeVar("T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NUMBER = st.floats(allow_nan=False, width=64)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
SHARE = st.floats(0, 1)
COUNT = st.integers(0, 2**31 - 1)
TIME = st.integers(0, 7_000_000_000_000_000).map(lambda us: _EPOCH + timedelta(microseconds=us))
SPAN = st.timedeltas(timedelta(0), timedelta(days=9))
PAIRS = st.dictionaries(TEXT, TEXT, max_size=3).map(lambda d: tuple(sorted(d.items())))
KEY = st.builds(
    ResultKey,
    st.text(string.ascii_lowercase + string.digits + "._-", min_size=1, max_size=63),
    st.text(string.ascii_letters + string.digits + ":@_-", min_size=1, max_size=128),
)


def maybe(values: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    """A value or None."""
    return st.none() | values


def some(values: st.SearchStrategy[T], most: int = 3) -> st.SearchStrategy[tuple[T, ...]]:
    """A short tuple of values."""
    return st.lists(values, max_size=most).map(tuple)


REF = st.builds(ContentRef, TEXT, TEXT, COUNT)
CALL = st.builds(ToolCall, TEXT, TEXT, TEXT)
TOKENS = st.builds(
    Tokens,
    logprobs=some(st.floats()),
    texts=some(TEXT),
    top_k=COUNT,
    top_counts=some(COUNT),
    top_logprobs=some(st.floats()),
    top_texts=some(TEXT),
    origin=st.sampled_from(LogprobOrigin),
    model=TEXT,
)
FINITE_TOKENS = st.builds(Tokens, logprobs=some(NUMBER), texts=some(TEXT), top_k=COUNT)
RESPONSE = st.builds(Response, TEXT, some(CALL), TEXT, maybe(FINITE_TOKENS), TEXT, maybe(REF))
GEN_AI = st.builds(
    GenAi,
    TEXT,
    TEXT,
    TEXT,
    TEXT,
    maybe(FINITE),
    maybe(FINITE),
    maybe(FINITE),
    maybe(COUNT),
    maybe(COUNT),
    maybe(COUNT),
    TEXT,
)
RESULT = st.builds(
    LlmResult,
    key=KEY,
    response=RESPONSE,
    conversation_id=TEXT,
    turn=maybe(COUNT),
    subject_id=TEXT,
    create_time=maybe(TIME),
    task_kind=st.sampled_from(TaskKind),
    language=TEXT,
    gen_ai=GEN_AI,
    messages=some(st.builds(Message, TEXT, TEXT, some(CALL), TEXT, maybe(REF))),
    comparison=maybe(RESPONSE),
    context=some(st.builds(Document, TEXT, TEXT, TEXT, maybe(REF))),
    alternatives=some(
        st.builds(Alternative, RESPONSE, st.sampled_from(SampledBy), TEXT, maybe(FINITE))
    ),
    code=maybe(st.builds(Code, TEXT, TEXT, TEXT, some(st.builds(CodeTest, TEXT, TEXT)))),
    expectations=maybe(st.builds(Expectations, TEXT, TEXT, some(TEXT), some(TEXT))),
    parents=some(st.builds(ParentRef, TEXT, maybe(SHARE))),
    usage=maybe(st.builds(Usage, maybe(COUNT), maybe(COUNT), maybe(COUNT))),
    attributes=PAIRS,
)

ABSENCE = st.builds(Absence, st.sampled_from(AbsenceReason), TEXT)
INTERVAL = st.builds(Interval, SHARE, SHARE, SHARE, st.sampled_from(IntervalKind))
STRENGTH = st.builds(Strength, SHARE, INTERVAL, COUNT, TEXT, st.sampled_from(TaskKind), TEXT, TEXT)
PROMISE = st.builds(
    ClaimPromise,
    st.sampled_from([ClaimGuarantee.ALL_TRUE, ClaimGuarantee.FALSE_SHARE]),
    SHARE,
    COUNT,
    maybe(SHARE),
)
CLAIM_FILTER = st.builds(
    ClaimFilter, TEXT, PROMISE, some(st.builds(Claim, COUNT, COUNT, SHARE, st.booleans()))
) | st.builds(ClaimFilter, TEXT, ABSENCE)
SCORE = st.builds(
    Score,
    metric=TEXT,
    version=TEXT,
    outcome=SHARE | ABSENCE,
    raw_value=maybe(NUMBER),
    interval=maybe(INTERVAL),
    uncertainty=maybe(NUMBER),
    strength=STRENGTH | st.builds(Unmeasured, TEXT),
    evidence=some(st.builds(Evidence, TEXT, TEXT, maybe(COUNT), maybe(COUNT), TEXT)),
    provenance_hash=TEXT,
    provenance=PAIRS,
    flags=some(TEXT),
    claim_filter=maybe(CLAIM_FILTER),
)
ESTIMATE = st.builds(Estimate, SHARE, INTERVAL)
CONFIDENCE = st.builds(
    Confidence,
    ESTIMATE | ABSENCE,
    st.sampled_from(ConfidenceStatus),
    TEXT,
    COUNT,
    TEXT,
    TEXT,
    maybe(ESTIMATE),
    some(st.builds(Promise, SHARE, TEXT)),
)
OBSERVATION = st.builds(
    Observation,
    st.builds(Position, TEXT, COUNT, COUNT, COUNT),
    TIME,
    TIME,
    SPAN,
    COUNT,
    some(st.builds(MetricObservation, TEXT, SPAN, maybe(NUMBER))),
    TEXT,
    TEXT,
)
SCORED = st.builds(
    ScoredResult,
    key=KEY,
    score_id=st.text(string.hexdigits, min_size=1, max_size=32),
    revision=COUNT,
    input_digest=TEXT,
    plan_version=TEXT,
    scores=some(SCORE),
    confidence=CONFIDENCE,
    conversation_id=TEXT,
    turn=maybe(COUNT),
    subject_id=TEXT,
    create_time=maybe(TIME),
    task_kind=st.sampled_from(TaskKind),
    language=TEXT,
    gen_ai=GEN_AI,
    decision=maybe(st.builds(Decision, TEXT, st.sampled_from(Verdict), TEXT, TEXT)),
    complete=st.booleans(),
    observation=maybe(OBSERVATION),
)
FEEDBACK = st.builds(
    Feedback,
    feedback_id=TEXT,
    key=KEY,
    label=st.booleans() | SHARE,
    source=st.sampled_from(FeedbackSource),
    rater=TEXT,
    create_time=maybe(TIME),
    supersedes=TEXT,
    retracted=st.booleans(),
    comment=TEXT,
    audit=st.booleans(),
    seen=maybe(
        st.builds(
            Seen, TEXT, COUNT, st.sampled_from(TaskKind), TEXT, SHARE, SHARE, TEXT, some(TEXT)
        )
    ),
)

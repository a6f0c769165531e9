"""What a client gets: domain values read from the service's messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from plimsoll.adapters.rpc.failures import LookUpError, look_up_error
from plimsoll.domain.claims import Claim
from plimsoll.domain.confidence import Promise
from plimsoll.domain.feedback import SeenClaim
from plimsoll.domain.learned import CertificateState
from plimsoll.domain.record import Position
from plimsoll.domain.result import TaskKind
from plimsoll.domain.score import Interval, IntervalKind, Strength, Unmeasured
from plimsoll.domain.scored import ScoredResult
from plimsoll.v1 import common_pb2, result_pb2, score_pb2, service_pb2
from plimsoll.wire.enums import CERTIFICATE_STATE
from plimsoll.wire.scored import scored_from_proto


class View(StrEnum):
    """How much of a scored result an answer carries."""

    SUMMARY = "summary"
    SCORES = "scores"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class ConfidenceRecord:
    """A visible score, where it stands on the scores topic, and how many inputs differed.

    `certificates` says how each certificate that the event names stands now, by its ID: in its
    confidence, or in a filter of claims.
    """

    scored: ScoredResult
    position: Position
    input_conflicts: int = 0
    certificates: Mapping[str, CertificateState] = field(default_factory=dict)

    @property
    def standing(self) -> tuple[Promise, ...]:
        """Those of the confidence's promises that hold now, lowest error rate first."""
        return tuple(
            promise
            for promise in self.scored.confidence.promises
            if self.certificates.get(promise.certificate) is CertificateState.STANDING
        )

    @property
    def kept_claims(self) -> tuple[Claim, ...] | None:
        """The claims to keep by a promise that stands now, or that no label has watched yet.

        None where nothing is promised, or the promise was taken back, or nobody can tell.
        """
        for score in self.scored.scores:
            claims = score.claim_filter
            if claims is not None and claims.promise is not None:
                state = self.certificates.get(claims.promise.certificate)
                stands = state in {CertificateState.STANDING, CertificateState.UNWATCHED}
                return claims.kept if stands else None
        return None


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """One score, or a sign of life without one; `resume_token` goes on after it."""

    record: ConfidenceRecord | None
    resume_token: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of scores, newest first, and the token of the next; '' on the last."""

    records: tuple[ConfidenceRecord, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One metric of the service's catalogue; see `plimsoll.domain.metric.MetricSpec`."""

    name: str
    version: str
    family: str
    summary: str
    needs: tuple[str, ...]
    cost: str
    source: str
    strengths: tuple[Strength | Unmeasured, ...]
    baseline: bool


@dataclass(frozen=True, slots=True)
class LabelReceipt:
    """Where the broker put a label, and whether look-ups showed a score that it is about.

    Nothing is learned from a label of which `seen` is False; None where the service did not say.
    `claims_seen` says so of labels of claims. As long as claims that are kept are `unlabelled`,
    nothing is learned of the others.
    """

    feedback_id: str
    position: Position
    seen: bool | None = None
    claims_seen: bool | None = None
    unlabelled: tuple[SeenClaim, ...] = ()


def view_number(view: View) -> service_pb2.View.ValueType:
    """As the protocol counts views."""
    return service_pb2.View.Value(f"VIEW_{view.name}")


def read_position(message: common_pb2.Position) -> Position:
    """A position."""
    return Position(message.topic, message.partition, message.offset, message.index)


def read_record(message: service_pb2.ConfidenceRecord) -> ConfidenceRecord:
    """A record under any view; a certificate of which nothing is said is UNKNOWN."""
    scored = scored_from_proto(message.result)
    told = message.certificates
    names = {*told, *(promise.certificate for promise in scored.confidence.promises)}
    filters = (score.claim_filter for score in scored.scores if score.claim_filter is not None)
    names.update(one.promise.certificate for one in filters if one.promise is not None)
    # Older events name none.
    names.discard("")
    return ConfidenceRecord(
        scored,
        read_position(message.position),
        message.input_conflicts,
        {
            name: CERTIFICATE_STATE[told[name]] if name in told else CertificateState.UNKNOWN
            for name in sorted(names)
        },
    )


def read_receipt(message: service_pb2.SubmitFeedbackResponse) -> LabelReceipt:
    """Where a label is, and what it is about."""
    return LabelReceipt(
        message.feedback_id,
        read_position(message.position),
        message.seen if message.HasField("seen") else None,
        message.claims_seen if message.HasField("claims_seen") else None,
        tuple(SeenClaim(one.start, one.end, one.kept) for one in message.unlabelled),
    )


def read_item(item: service_pb2.BatchItem) -> ConfidenceRecord | LookUpError:
    """A record, or why there is none."""
    if item.HasField("record"):
        return read_record(item.record)
    metadata: Mapping[str, str] = item.error.metadata
    return look_up_error(item.error.message, item.error.reason, metadata)


def read_event(message: service_pb2.WatchConfidencesResponse) -> WatchEvent:
    """A score or a sign of life."""
    record = read_record(message.record) if message.HasField("record") else None
    return WatchEvent(record, message.resume_token)


def read_page(message: service_pb2.ListConfidencesResponse) -> Page:
    """A page."""
    return Page(tuple(read_record(one) for one in message.records), message.next_page_token)


def read_entry(info: service_pb2.MetricInfo) -> CatalogueEntry:
    """A metric."""
    return CatalogueEntry(
        name=info.name,
        version=info.version,
        family=info.family,
        summary=info.summary,
        needs=tuple(info.needs),
        cost=info.cost,
        source=info.source,
        strengths=tuple(_strength(one) for one in info.strengths),
        baseline=info.baseline,
    )


def _strength(message: score_pb2.Strength) -> Strength | Unmeasured:
    if not message.HasField("measured"):
        return Unmeasured(message.unmeasured)
    measured = message.measured
    kind = common_pb2.IntervalKind.Name(measured.interval.kind).removeprefix("INTERVAL_KIND_")
    task_kind = result_pb2.TaskKind.Name(measured.task_kind).removeprefix("TASK_KIND_")
    return Strength(
        auroc=measured.auroc,
        interval=Interval(
            measured.interval.lower,
            measured.interval.upper,
            measured.interval.level,
            IntervalKind(kind.lower()),
        ),
        labels=measured.labels,
        dataset=measured.dataset,
        task_kind=TaskKind(task_kind.lower()),
        language=measured.language,
        model=measured.model,
    )

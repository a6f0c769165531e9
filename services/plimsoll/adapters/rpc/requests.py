"""Reading requests: what is wrong with one ends its call, field by field."""

from __future__ import annotations

from datetime import datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from plimsoll.adapters.rpc.statuses import invalid
from plimsoll.domain.confidence import Verdict
from plimsoll.domain.identity import (
    DEFAULT_TENANT,
    ResultKey,
    result_id_problem,
    tenant_problem,
)
from plimsoll.domain.result import TaskKind
from plimsoll.ports.store import ScoreFilter
from plimsoll.v1 import result_pb2, score_pb2, service_pb2
from plimsoll.wire.enums import TASK_KIND, VERDICT
from plimsoll.wire.times import to_datetime

MAX_BATCH = 100
MAX_PAGE = 1_000
DEFAULT_PAGE = 50

_VIEWS: frozenset[int] = frozenset(service_pb2.View.values())
_TASK_KINDS: frozenset[int] = frozenset(result_pb2.TaskKind.values())
_VERDICTS: frozenset[int] = frozenset(score_pb2.Verdict.values())


def read_tenant(tenant: str, field: str = "tenant") -> str:
    """The tenant, or the default where it is empty."""
    if not tenant:
        return DEFAULT_TENANT
    problem = tenant_problem(tenant)
    if problem:
        raise invalid(field, problem)
    return tenant


def read_key(tenant: str, result_id: str, prefix: str = "") -> ResultKey:
    """The key that a tenant and a result ID name."""
    problem = result_id_problem(result_id)
    if problem:
        raise invalid(f"{prefix}result_id", problem)
    return ResultKey(read_tenant(tenant, f"{prefix}tenant"), result_id)


def read_view(view: int) -> int:
    """The view, or the summary where none is named."""
    if view == service_pb2.VIEW_UNSPECIFIED:
        return service_pb2.VIEW_SUMMARY
    if view not in _VIEWS:
        raise invalid("view", f"{view} is none of VIEW_SUMMARY, VIEW_SCORES, VIEW_FULL")
    return view


def read_wait(request: service_pb2.GetConfidenceRequest, max_wait: timedelta) -> timedelta:
    """How long the caller is ready to wait, cut to `max_wait`; 0 where it did not ask to."""
    if not request.HasField("wait"):
        return timedelta(0)
    try:
        wait = request.wait.ToTimedelta()
    except (ValueError, OverflowError) as error:
        raise invalid("wait", str(error)) from error
    if wait < timedelta(0):
        raise invalid("wait", "is negative")
    return min(wait, max_wait)


def read_batch(request: service_pb2.BatchGetConfidenceRequest) -> tuple[str, list[str]]:
    """The tenant and the IDs as asked; each ID is checked when its turn comes."""
    if not request.result_ids:
        raise invalid("result_ids", "is empty")
    if len(request.result_ids) > MAX_BATCH:
        raise invalid("result_ids", f"{len(request.result_ids)} IDs, at most {MAX_BATCH}")
    return read_tenant(request.tenant), list(request.result_ids)


def read_page_size(page_size: int) -> int:
    """Rows of a page, the default where it is 0."""
    if not 0 <= page_size <= MAX_PAGE:
        raise invalid("page_size", f"{page_size} is not in 0 to {MAX_PAGE}")
    return page_size or DEFAULT_PAGE


def read_filter(given: service_pb2.ConfidenceFilter) -> ScoreFilter:
    """What is set filters; what is not does not."""
    return ScoreFilter(
        tenant=read_tenant(given.tenant, "filter.tenant") if given.tenant else None,
        model=given.model or None,
        task_kind=_task_kind(given.task_kind),
        start_time=_time(given.start_time, "start_time") if given.HasField("start_time") else None,
        end_time=_time(given.end_time, "end_time") if given.HasField("end_time") else None,
        verdict=_verdict(given.verdict),
        min_lower_bound=_bound(given.min_lower_bound, "min_lower_bound")
        if given.HasField("min_lower_bound")
        else None,
        max_lower_bound=_bound(given.max_lower_bound, "max_lower_bound")
        if given.HasField("max_lower_bound")
        else None,
    )


def _task_kind(number: int) -> TaskKind | None:
    if number not in _TASK_KINDS:
        raise invalid("filter.task_kind", f"{number} is not a task kind")
    return TASK_KIND[number] if number else None


def _verdict(number: int) -> Verdict | None:
    if number not in _VERDICTS:
        raise invalid("filter.verdict", f"{number} is not a verdict")
    return VERDICT[number] if number else None


def _time(given: Timestamp, field: str) -> datetime:
    try:
        return to_datetime(given)
    except ValueError as error:
        raise invalid(f"filter.{field}", str(error)) from error


def _bound(bound: float, field: str) -> float:
    if not 0.0 <= bound <= 1.0:
        raise invalid(f"filter.{field}", f"{bound} is not in [0, 1]")
    return bound

"""Orders to erase and their receipts as records of their topic."""

from __future__ import annotations

from google.protobuf.message import DecodeError

from plimsoll.domain.erasure import ErasureOrder, ErasureReceipt
from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import result_id_problem, tenant_problem
from plimsoll.domain.record import OutRecord, Record
from plimsoll.domain.scopes import Erased, Erasure, Scope
from plimsoll.v1 import erasure_pb2
from plimsoll.wire.headers import (
    CE_TYPE,
    ERASURE_ORDER_TYPE,
    ERASURE_RECEIPT_TYPE,
    event_headers,
    text_header,
)
from plimsoll.wire.times import set_timestamp, to_datetime

_MAX_CHARS = 1_000
_BY = {
    erasure_pb2.ERASED_BY_RESULT: Erased.RESULT,
    erasure_pb2.ERASED_BY_SUBJECT: Erased.SUBJECT,
    erasure_pb2.ERASED_BY_TENANT: Erased.TENANT,
}
_NUMBERS = {by: number for number, by in _BY.items()}


def order_problem(order: ErasureOrder) -> str | None:
    """What is wrong with an order, or None."""
    erasure = order.erasure
    problem = tenant_problem(erasure.tenant)
    if erasure.by is Erased.RESULT:
        problem = problem or result_id_problem(erasure.id)
    for name in ("erasure_id", "requested_by", "reason"):
        text = getattr(order, name)
        if not text or len(text) > _MAX_CHARS:
            problem = problem or f"{name} is not 1 to {_MAX_CHARS} characters"
    if len(erasure.id) > _MAX_CHARS:
        problem = problem or f"an ID of over {_MAX_CHARS} characters"
    return problem


def encode_order(order: ErasureOrder, topic: str) -> OutRecord:
    """The record of an order, keyed by its ID."""
    erasure = order.erasure
    message = erasure_pb2.ErasureOrder(
        erasure_id=order.erasure_id,
        tenant=erasure.tenant,
        requested_by=order.requested_by,
        reason=order.reason,
    )
    match erasure.by:
        case Erased.RESULT:
            message.result_id = erasure.id
        case Erased.SUBJECT:
            message.subject_id = erasure.id
        case Erased.TENANT:
            message.whole_tenant = True
    set_timestamp(message.order_time, order.time)
    value = message.SerializeToString(deterministic=True)
    headers = event_headers(ERASURE_ORDER_TYPE, order.erasure_id, "plimsoll/erase")
    return OutRecord(topic, order.erasure_id.encode(), value, headers)


def encode_receipt(receipt: ErasureReceipt, topic: str) -> OutRecord:
    """The record of a receipt, under its order's key."""
    scope = receipt.scope
    message = erasure_pb2.ErasureReceipt(
        erasure_id=receipt.erasure_id,
        tenant=scope.tenant,
        by=_NUMBERS[scope.by],
        result_id=scope.result_id,
        scope_digest=scope.digest,
        requested_by=receipt.requested_by,
        reason=receipt.reason,
        erased=dict(receipt.erased),
        left=receipt.left,
    )
    set_timestamp(message.order_time, receipt.order_time)
    set_timestamp(message.erase_time, receipt.time)
    value = message.SerializeToString(deterministic=True)
    headers = event_headers(ERASURE_RECEIPT_TYPE, receipt.erasure_id, "plimsoll/indexer")
    return OutRecord(topic, receipt.erasure_id.encode(), value, headers)


def decode_erasure(record: Record) -> ErasureOrder | ErasureReceipt | None:
    """What a record of the topic says; None for a tombstone. PoisonError where it is neither."""
    if record.value is None:
        return None
    kind = text_header(record, CE_TYPE)
    try:
        if kind == ERASURE_ORDER_TYPE:
            return _order(erasure_pb2.ErasureOrder.FromString(record.value))
        if kind == ERASURE_RECEIPT_TYPE:
            return _receipt(erasure_pb2.ErasureReceipt.FromString(record.value))
    except (DecodeError, ValueError) as error:
        raise PoisonError("undecodable", f"not a {kind}: {type(error).__name__}") from None
    raise PoisonError("unknown_type", "neither an ErasureOrder nor an ErasureReceipt")


def _order(message: erasure_pb2.ErasureOrder) -> ErasureOrder:
    match message.WhichOneof("scope"):
        case "result_id":
            erasure = Erasure(message.tenant, Erased.RESULT, message.result_id)
        case "subject_id":
            erasure = Erasure(message.tenant, Erased.SUBJECT, message.subject_id)
        case "whole_tenant" if message.whole_tenant:
            erasure = Erasure(message.tenant, Erased.TENANT)
        case _:
            raise ValueError("it names nothing to erase")
    order = ErasureOrder(
        message.erasure_id,
        erasure,
        message.requested_by,
        message.reason,
        to_datetime(message.order_time),
    )
    problem = order_problem(order)
    if problem:
        raise ValueError(problem)
    return order


def _receipt(message: erasure_pb2.ErasureReceipt) -> ErasureReceipt:
    if message.by not in _BY or not message.erasure_id or tenant_problem(message.tenant):
        raise ValueError("a receipt of nothing")
    return ErasureReceipt(
        erasure_id=message.erasure_id,
        scope=Scope(message.tenant, _BY[message.by], message.scope_digest, message.result_id),
        requested_by=message.requested_by,
        reason=message.reason,
        order_time=to_datetime(message.order_time),
        time=to_datetime(message.erase_time),
        erased=dict(sorted(message.erased.items())),
        left=tuple(message.left),
    )

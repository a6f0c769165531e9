"""Pages of scores by filter."""

from __future__ import annotations

from plimsoll.adapters.rpc.opening import Evidence
from plimsoll.adapters.rpc.replies import encode_list_reply, encode_record
from plimsoll.adapters.rpc.requests import read_filter, read_page_size, read_view
from plimsoll.adapters.rpc.standings import Certificates
from plimsoll.adapters.rpc.statuses import invalid
from plimsoll.adapters.rpc.tracing import link_scores
from plimsoll.ports.store import ScoreStore
from plimsoll.v1 import service_pb2


async def list_page(
    store: ScoreStore,
    evidence: Evidence,
    certificates: Certificates,
    request: service_pb2.ListConfidencesRequest,
) -> bytes:
    """A ListConfidencesResponse; it may hold fewer rows than asked for and still have a next."""
    where, view = read_filter(request.filter), read_view(request.view)
    page_size = read_page_size(request.page_size)
    try:
        page, token = await store.list(where, page_size, request.page_token)
    except ValueError as error:
        raise invalid("page_token", str(error)) from error
    link_scores(page)
    shown = await evidence.ready(page, view)
    return encode_list_reply((encode_record(found, view, certificates) for found in shown), token)

"""Results as lines of JSON in files: protobuf's JSON mapping."""

from __future__ import annotations

from plimsoll.domain.errors import PoisonError
from plimsoll.domain.identity import (
    DEFAULT_TENANT,
    ResultKey,
    result_id_problem,
    tenant_problem,
)
from plimsoll.domain.result import LlmResult
from plimsoll.wire import json_values
from plimsoll.wire.results import result_from_proto, result_to_proto


def result_from_json(text: bytes | str, default_result_id: str = "") -> LlmResult:
    """Reads one result; PoisonError says what is wrong. The default ID stands in for none."""
    return named_from_json(text, default_result_id)[0]


def named_from_json(
    text: bytes | str, default_result_id: str = ""
) -> tuple[LlmResult, tuple[str, ...]]:
    """The same, with the names of fields and of enumerations' values that nobody knows."""
    (message,), unknown = json_values.result_from_json(text)
    tenant = message.tenant or DEFAULT_TENANT
    result_id = message.result_id or default_result_id
    problem = tenant_problem(tenant) or result_id_problem(result_id)
    if problem:
        raise PoisonError("bad_id", problem)
    if not message.HasField("response"):
        raise PoisonError("missing_field", "response is required and not there")
    try:
        return result_from_proto(message, ResultKey(tenant, result_id)), unknown
    except ValueError as error:
        raise PoisonError("bad_value", str(error)) from error


def result_to_json(result: LlmResult) -> str:
    """One line, the same for the same value."""
    return json_values.to_json(result_to_proto(result))

"""How often sampled alternatives call the same tools with the same arguments, field by field."""

from __future__ import annotations

from collections.abc import Sequence

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec
from plimsoll.domain.result import LlmResult, ToolCall
from plimsoll.metrics.field_evidence import agreement
from plimsoll.metrics.json_fields import MAX_FIELDS, Field, Fields, Kind, fields_of
from plimsoll.metrics.sampling import sample_flags, sampling_provenance

# Calls of one response that are compared.
MAX_CALLS = 100


class ToolCallAgreement:
    """For each tool's name and each argument, the share of alternatives with the same there.

    Pointers are `/0/name` and `/0/arguments/...` for the first call. Calls are compared by their
    index, arguments as in `field_agreement`; arguments that are no JSON object are one field. An
    alternative that calls nothing disagrees. The value is that of the weakest field.
    """

    spec = MetricSpec(
        name="tool_call_agreement",
        version="1",
        family=Family.STRUCTURED,
        summary="Agreement of sampled alternatives with the weakest argument of the tool calls.",
        needs=(),
        source="exact-match rate by JSON pointer (RFC 6901)",
        raw_scale="alternatives that agree on the weakest field",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the arguments of each call."""
        responses = [result.response, *(a.response for a in result.alternatives)]
        return 50 + 10 * sum(len(call.arguments) for r in responses for call in r.tool_calls)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence has one for each field, the weakest first and by name."""
        if not result.response.tool_calls:
            return Absence(AbsenceReason.NOT_APPLICABLE, "the response calls no tool")
        responses = [alternative.response for alternative in result.alternatives]
        # What lies elsewhere may have been a call or not; what is empty was none.
        known = [r for r in responses if r.tool_calls or r.text or r.content_ref is None]
        if not known:
            return Absence(AbsenceReason.INSUFFICIENT_SAMPLES, "no sampled alternative")
        fields = call_fields(result.response.tool_calls)
        if isinstance(fields, Absence):
            return fields
        drawn = []
        for response in known:
            others = call_fields(response.tool_calls)
            if isinstance(others, Absence):
                return others
            drawn.append((others, 1))
        return agreement(
            fields,
            drawn,
            len(known),
            provenance=sampling_provenance(result, "tool_calls", len(known)),
            flags=sample_flags(result, len(known)),
        )


def call_fields(calls: Sequence[ToolCall]) -> Fields | Absence:
    """Names and arguments of calls by their pointers; places are those in the arguments."""
    if len(calls) > MAX_CALLS:
        return _too_large(f"{len(calls)} tool calls, {MAX_CALLS} allowed")
    fields: dict[str, Field] = {}
    for index, call in enumerate(calls):
        # Names are compared as they are, as whoever dispatches them does.
        fields[f"/{index}/name"] = Field(Kind.NAME, call.name, 0, len(call.name))
        found = fields_of(call.arguments)
        if isinstance(found, Absence):
            return found
        if found is None:
            end = len(call.arguments)
            found = {"": Field(Kind.STRING, call.arguments, 0, end)}
        fields |= {f"/{index}/arguments{pointer}": leaf for pointer, leaf in found.items()}
        if len(fields) > MAX_FIELDS:
            return _too_large(f"more than {MAX_FIELDS} fields")
    return fields


def _too_large(detail: str) -> Absence:
    return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)

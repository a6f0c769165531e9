"""A result with the bodies that it refers to, as far as they can be fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.result import ContentRef, Document, LlmResult, Message, Response
from plimsoll.ports.bodies import Bodies

Holder = TypeVar("Holder", Response, Message, Document)
Found = dict[ContentRef, str | Absence]


def refers(result: LlmResult) -> bool:
    """Whether any of its bodies lives elsewhere."""
    return next(_references(result), None) is not None


async def with_bodies(result: LlmResult, bodies: Bodies, max_bytes: int) -> LlmResult:
    """The result with each body in its place; a reference that stays says why.

    Of several, those come first that stand first (response, request, context, alternatives); what
    would make all of them more than `max_bytes` together is an absence.
    """
    asked: list[ContentRef] = []
    found: Found = {}
    left = max_bytes
    for ref in dict.fromkeys(_references(result)):
        if ref.size_bytes <= left:
            left -= ref.size_bytes
            asked.append(ref)
        else:
            said = f"the result's bodies have more than bodies.max_result_bytes ({max_bytes})"
            found[ref] = Absence(AbsenceReason.INPUT_TOO_LARGE, said)
    tenant = result.key.tenant
    answers = await asyncio.gather(*(bodies.fetch(tenant, ref) for ref in asked))
    found |= dict(zip(asked, answers, strict=True))
    return _filled(result, found)


def _filled(result: LlmResult, found: Found) -> LlmResult:
    comparison = result.comparison
    return replace(
        result,
        response=_with_text(result.response, found),
        comparison=None if comparison is None else _with_text(comparison, found),
        messages=tuple(_with_text(message, found) for message in result.messages),
        context=tuple(_with_text(document, found) for document in result.context),
        alternatives=tuple(
            replace(one, response=_with_text(one.response, found)) for one in result.alternatives
        ),
    )


def _with_text(holder: Holder, found: Found) -> Holder:
    ref = holder.content_ref
    if ref is None or holder.text:
        return holder
    body = found[ref]
    if isinstance(body, Absence):
        return replace(holder, content_ref=replace(ref, absence=body))
    return replace(holder, text=body, content_ref=None)


def _references(result: LlmResult) -> Iterator[ContentRef]:
    """Of every body that is not here, in the order of their weight."""
    compared = () if result.comparison is None else (result.comparison,)
    drawn = (one.response for one in result.alternatives)
    for holders in ((result.response,), result.messages, result.context, compared, drawn):
        for holder in holders:
            if holder.content_ref is not None and not holder.text:
                yield holder.content_ref

"""Canaries of a rubric, made of known items and of what fools judges: results like any other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from plimsoll.domain.canary import (
    CANARY_TENANT,
    Attack,
    Canary,
    CanaryBook,
    CanaryKind,
    KnownItem,
    Place,
)
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import Document, Expectations, LlmResult, Message, Response
from plimsoll.domain.rubric import Part, Rubric

# The part that an attack is put behind, where it stands elsewhere than about the response.
_ELSEWHERE = {
    Place.CONTEXT: Part.CONTEXT,
    Place.REQUEST: Part.REQUEST,
    Place.REASONING: Part.REASONING,
}


def canaries(rubric: Rubric, book: CanaryBook) -> Iterator[Canary]:
    """All that the book has for the rubric, in its order.

    Each item twice, as known good and known bad; each attack once, in a bad response or beside it;
    each master key once, in place of a response.
    """
    for item in book.items:
        yield _known(rubric, item, CanaryKind.KNOWN_GOOD)
        yield _known(rubric, item, CanaryKind.KNOWN_BAD)
    for attack, item in zip(book.attacks, cycle(book.items), strict=False):
        name = f"{item.name}-{attack.name}"
        result = _attacked(rubric, item, attack, name)
        yield Canary(name, CanaryKind.INJECTED, result, attack.kind)
    for number, (key, item) in enumerate(zip(book.master_keys, cycle(book.items), strict=False)):
        name = f"{item.name}-master_key-{number + 1:02}"
        yield Canary(name, CanaryKind.MASTER_KEY, _result(rubric, item, name, key, key))


def _known(rubric: Rubric, item: KnownItem, kind: CanaryKind) -> Canary:
    name = f"{item.name}-{kind.value}"
    if kind is CanaryKind.KNOWN_GOOD:
        result = _result(rubric, item, name, item.good, item.good_reasoning, beside=item.bad)
    else:
        result = _result(rubric, item, name, item.bad, item.bad_reasoning)
    return Canary(name, kind, result)


def _attacked(rubric: Rubric, item: KnownItem, attack: Attack, name: str) -> LlmResult:
    """A bad response with the attack in it, or behind another part that the rubric shows."""
    part = _ELSEWHERE.get(attack.place)
    if part is None or part not in rubric.parts or (part is Part.CONTEXT and not item.context):
        text = _about(item.bad, attack)
        return _result(rubric, item, name, text, item.bad_reasoning)
    if part is Part.REASONING:
        reasoning = f"{item.bad_reasoning}\n{attack.text}"
        return _result(rubric, item, name, item.bad, reasoning)
    if part is Part.REQUEST:
        return _result(
            rubric,
            item,
            name,
            item.bad,
            item.bad_reasoning,
            request=f"{item.request}\n{attack.text}",
        )
    return _result(
        rubric, item, name, item.bad, item.bad_reasoning, context=(*item.context, attack.text)
    )


def _about(text: str, attack: Attack) -> str:
    if attack.place is Place.BEFORE:
        return f"{attack.text}\n\n{text}"
    if attack.place is Place.MIDDLE:
        # At the blank next to the middle, so that no word is cut.
        at = text.find(" ", len(text) // 2)
        if at > 0:
            return f"{text[:at]}\n{attack.text}\n{text[at + 1 :]}"
    return f"{text}\n\n{attack.text}"


def _result(
    rubric: Rubric,
    item: KnownItem,
    name: str,
    text: str,
    reasoning: str,
    *,
    beside: str = "",
    request: str = "",
    context: tuple[str, ...] = (),
) -> LlmResult:
    """A result as a producer would send it; a comparison is with the item's other response."""
    comparison = Response(text=beside or item.good) if rubric.pairwise else None
    return LlmResult(
        key=ResultKey(CANARY_TENANT, name),
        response=Response(text=text, reasoning=reasoning),
        comparison=comparison,
        messages=(Message("user", request or item.request),),
        context=tuple(Document(text=one) for one in context or item.context),
        expectations=Expectations(references=item.references) if item.references else None,
    )

"""Results whose bodies live elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.metric import Need
from plimsoll.domain.result import (
    Alternative,
    ContentRef,
    Document,
    LlmResult,
    Message,
    Response,
)
from plimsoll.metrics.inputs import first_missing
from plimsoll.pipeline.bodies import refers, with_bodies
from tests.support.referred import ref

LATE = Absence(AbsenceReason.TIMED_OUT, "it was not fetched in time")


class Shelf:
    """Bodies by URI; what is not there comes too late."""

    def __init__(self, **texts: str) -> None:
        self.texts = texts
        self.asked: list[tuple[str, str]] = []

    async def fetch(self, tenant: str, ref: ContentRef) -> str | Absence:
        """Looks it up."""
        self.asked.append((tenant, ref.uri))
        return self.texts.get(ref.uri, LATE)

    async def close(self) -> None:
        """Nothing to close."""


def result(**parts: object) -> LlmResult:
    """A result of these parts."""
    whole = LlmResult(key=ResultKey("acme", "r-1"), response=Response(content_ref=at("answer")))
    return replace(whole, **parts)  # type: ignore[arg-type]  # parts are of the result


def at(name: str, text: str = "some words") -> ContentRef:
    """A reference of that name."""
    return ref(name, text.encode())


async def test_every_body_comes_to_its_place() -> None:
    """Response, messages, documents, comparison and alternatives; each is asked for once."""
    shelf = Shelf(answer="A", question="Q", page="P", other="O")
    given = result(
        messages=(Message("user", content_ref=at("question")), Message("user", "here")),
        context=(Document("", content_ref=at("page")), Document("", content_ref=at("page"))),
        comparison=Response(content_ref=at("other")),
        alternatives=(Alternative(Response(content_ref=at("answer"))), Alternative(Response("x"))),
    )
    assert refers(given)
    whole = await with_bodies(given, shelf, 1_000)
    assert not refers(whole)
    assert whole.response == Response("A")
    assert [message.text for message in whole.messages] == ["Q", "here"]
    assert [document.text for document in whole.context] == ["P", "P"]
    assert whole.comparison == Response("O")
    assert [one.response.text for one in whole.alternatives] == ["A", "x"]
    assert sorted(shelf.asked) == [("acme", n) for n in ("answer", "other", "page", "question")]


@pytest.mark.parametrize(
    ("need", "part", "what"),
    [
        (Need.RESPONSE_TEXT, {}, "the response"),
        (
            Need.CONTEXT,
            {"context": (Document("here"), Document("", content_ref=at("gone")))},
            "a context document",
        ),
        (
            Need.REQUEST_TEXT,
            {"messages": (Message("user", "here"), Message("user", content_ref=at("gone")))},
            "a message of the request",
        ),
        (
            Need.ALTERNATIVES,
            {"alternatives": (Alternative(Response(content_ref=at("gone"))),)},
            "every alternative",
        ),
    ],
)
async def test_what_cannot_be_fetched_is_an_absence(
    need: Need, part: dict[str, object], what: str
) -> None:
    """Metrics that need it say why it is not there; before anybody tries it is a missing input."""
    given = result(**part)
    untried = first_missing((need,), given)
    assert untried is not None
    assert untried.reason is AbsenceReason.INPUT_MISSING
    found = first_missing((need,), await with_bodies(given, Shelf(), 1_000))
    assert found == Absence(AbsenceReason.TIMED_OUT, f"{what} is a reference: {LATE.detail}")


async def test_a_result_is_bounded_as_a_whole() -> None:
    """What would pass the bound is not asked for; the response comes before all others."""
    shelf = Shelf(answer="A", page="P")
    given = result(context=(Document("", content_ref=at("page", "y" * 995)),))
    whole = await with_bodies(given, shelf, 1_000)
    assert shelf.asked == [("acme", "answer")]
    missing = first_missing((Need.CONTEXT,), whole)
    assert missing is not None
    assert missing.reason is AbsenceReason.INPUT_TOO_LARGE

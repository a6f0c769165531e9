"""A verdict without its nonce is none, whoever wrote it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judging import JudgeCall, JudgeReply
from plimsoll.judging.nonce import NoncedJudge
from plimsoll.judging.questions import questions
from plimsoll.judging.replies import answer
from plimsoll.settings.rubric_files import shipped_rubrics
from tests.unit.judging.judged import PLAIN, FakeJudge, nonce_of, panel
from tests.unit.judging.test_questions import ASKED

CORRECTNESS = shipped_rubrics()["correctness"]


def call() -> JudgeCall:
    """One question."""
    found = questions(panel(), "model", PLAIN, ASKED)
    assert not isinstance(found, Absence)
    return found[0].call


def verdict(nonce: object, **changes: object) -> Mapping[str, object]:
    """A good verdict but for the changes."""
    good = {"rationale": "It is.", "cannot_tell": False, "grade": 4, "nonce": nonce}
    return {**good, **changes}


async def test_the_nonce_is_checked_and_struck_out() -> None:
    """An honest judge's verdict is kept without it, its rationale too."""
    judge = FakeJudge(lambda c: verdict(nonce_of(c), rationale=f"Because {nonce_of(c)}."))
    reply = await NoncedJudge(judge, b"secret").ask(call(), 1.0)
    assert reply.verdict == {"rationale": "Because [nonce].", "cannot_tell": False, "grade": 4}


@pytest.mark.parametrize(
    "nonce", ["", "guess", None, 7, "0123456789abcdef", pytest.param("\ud83d", id="half")]
)
async def test_another_nonce_is_no_verdict(nonce: object) -> None:
    """What an injected text could make a judge say counts for nothing."""
    reply = await NoncedJudge(FakeJudge(lambda _: verdict(nonce)), b"secret").ask(call(), 1.0)
    assert reply.absence is not None
    assert reply.absence.reason is AbsenceReason.PARSE_FAILED


async def test_the_same_question_has_the_same_nonce() -> None:
    """A replay asks the same bytes; another secret or question asks others."""
    judge = FakeJudge(lambda c: verdict(nonce_of(c)))
    for secret in (b"a", b"a", b"b"):
        await NoncedJudge(judge, secret).ask(call(), 1.0)
    first, again, other = (nonce_of(asked) for asked in judge.asked)
    assert first == again != other


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"grade": 9}, AbsenceReason.PARSE_FAILED),
        ({"grade": "4"}, AbsenceReason.PARSE_FAILED),
        ({"grade": True}, AbsenceReason.PARSE_FAILED),
        ({"grade": 4.0}, AbsenceReason.PARSE_FAILED),
        ({"grade": None}, AbsenceReason.PARSE_FAILED),
        ({"cannot_tell": "no"}, AbsenceReason.PARSE_FAILED),
        ({"rationale": ""}, AbsenceReason.PARSE_FAILED),
        ({"rationale": None}, AbsenceReason.PARSE_FAILED),
        ({"cannot_tell": True}, AbsenceReason.ABSTAINED),
    ],
)
def test_nothing_is_guessed(changes: dict[str, object], reason: AbsenceReason) -> None:
    """A refusal to grade from 0 to 3 is no 0, and no number is taken out of prose."""
    found = answer(CORRECTNESS, JudgeReply(verdict("", **changes)))
    assert isinstance(found.outcome, Absence)
    assert found.outcome.reason is reason
    assert found.grade is None


def test_a_grade_is_its_place_on_the_rubric() -> None:
    """4 of 1 to 5 is 0.75, with the judge's words."""
    found = answer(CORRECTNESS, JudgeReply(verdict("")))
    assert (found.outcome, found.grade, found.rationale) == (0.75, 4, "It is.")


def test_a_rationale_can_always_be_written() -> None:
    """Half of a character in a kept reply costs that half, not the result that it is about."""
    found = answer(CORRECTNESS, JudgeReply(verdict("", rationale="It \ud83dis.")))
    assert found.rationale.encode() == b"It is."


def test_a_reply_without_a_verdict_keeps_its_absence() -> None:
    """What the adapter said stands: a refused or truncated judge is not a parse failure."""
    refused = Absence(AbsenceReason.CONTENT_FILTERED, "the guardrail intervened")
    assert answer(CORRECTNESS, JudgeReply(refused)).outcome == refused

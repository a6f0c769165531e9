"""Attempts by kind of fault: a truth table of how often, how long, and whose fault it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.errors import FatalError
from plimsoll.domain.judge_errors import FaultKind, JudgeFaultError
from plimsoll.resilience.attempts import Faults, attempts, is_judge_wide, wait_after
from plimsoll.resilience.breaker import Breaker, BreakerRules

K, R = FaultKind, AbsenceReason


def fault(kind: FaultKind, reason: AbsenceReason = R.PROVIDER_ERROR) -> JudgeFaultError:
    """A fault as adapters raise it."""
    return JudgeFaultError(kind, "SomeCode", timedelta(seconds=2), Absence(reason, "SomeCode"))


class Scene:
    """A judge that fails as told, then answers; `others` says whether it answers others."""

    def __init__(self, error: JudgeFaultError, times: int, others: bool) -> None:
        self.error = error
        self.left = times
        self.others = others
        self.calls = 0
        self.pauses: list[float] = []
        self.breaker = Breaker(BreakerRules())
        self.time_s = 30.0

    async def call(self) -> str:
        """One attempt."""
        self.calls += 1
        if not self.left:
            return "answer"
        self.left -= 1
        raise self.error

    async def pause(self, error: JudgeFaultError, seconds: float) -> None:
        """Between attempts others are answered; only a fault of the question costs it time."""
        self.pauses.append(seconds)
        if self.others:
            self.breaker.succeed(self.breaker.begin(), 0.0)
        if not is_judge_wide(error):
            self.time_s -= seconds

    async def run(self) -> str:
        """All of it, with the largest of all chances."""
        return await attempts(
            self.call,
            faults=Faults(self.breaker),
            chance=lambda: 0.999,
            left_s=lambda: self.time_s,
            pause=self.pause,
        )


# Kind and reason of a fault that never ends, whether others are answered -> calls made; None where
# it is waited for however long it takes.
TABLE = [
    (K.MODEL_FAULT, R.PROVIDER_ERROR, True, 2),
    (K.MODEL_FAULT, R.PROVIDER_ERROR, False, 2),
    (K.MODEL_FAULT, R.TIMED_OUT, True, 2),
    (K.MODEL_FAULT, R.PARSE_FAILED, False, 2),
    (K.TRANSIENT, R.PROVIDER_ERROR, True, 5),
    (K.TRANSIENT, R.TIMED_OUT, True, 2),
    (K.TRANSIENT, R.PROVIDER_ERROR, False, None),
    (K.TRANSIENT, R.TIMED_OUT, False, None),
    (K.THROTTLED, R.THROTTLED, True, None),
    (K.THROTTLED, R.THROTTLED, False, None),
    (K.CONFIGURATION, R.PROVIDER_ERROR, True, None),
    (K.CONFIGURATION, R.PROVIDER_ERROR, False, None),
]


@pytest.mark.parametrize(("kind", "reason", "others", "calls"), TABLE)
async def test_how_often_each_fault_is_tried(
    kind: FaultKind, reason: AbsenceReason, others: bool, calls: int | None
) -> None:
    """The question's own fault is raised after so many calls; the judge's is outlasted."""
    scene = Scene(fault(kind, reason), 500, others)
    if calls is None:
        assert await scene.run() == "answer"
        return
    with pytest.raises(JudgeFaultError):
        await scene.run()
    assert scene.calls == calls


@pytest.mark.parametrize("kind", list(FaultKind))
async def test_one_fault_is_never_an_absence(kind: FaultKind) -> None:
    """Whatever its kind, a fault that passes is followed by the answer."""
    scene = Scene(fault(kind), 1, others=True)
    assert await scene.run() == "answer"
    assert scene.calls == 2


async def test_a_breaker_that_opened_takes_the_blame() -> None:
    """What failed while the breaker opened is not held against the question."""
    breaker = Breaker(BreakerRules())
    faults = Faults(breaker)
    for _ in range(4):
        faults.note(fault(K.TRANSIENT))
    breaker.open(0.0)
    assert faults.breaker_opened
    faults.note(fault(K.TRANSIENT))
    breaker.succeed(breaker.begin(), 0.0)
    assert faults.worth_another
    assert faults.in_a_row == 1


async def test_no_attempt_after_the_time_is_over() -> None:
    """A fault of the question waits within the question's own time, or not at all."""
    scene = Scene(fault(K.MODEL_FAULT), 1, others=False)
    scene.time_s = 0.1
    with pytest.raises(JudgeFaultError):
        await scene.run()
    assert scene.calls == 1


async def test_other_errors_pass_at_once() -> None:
    """A mistake or a fatal error is nobody's to try again."""

    async def call() -> str:
        raise FatalError("no")

    scene = Scene(fault(K.TRANSIENT), 0, others=False)
    with pytest.raises(FatalError):
        await attempts(
            call,
            faults=Faults(scene.breaker),
            chance=lambda: 0.5,
            left_s=lambda: 1.0,
            pause=scene.pause,
        )


def test_waits_by_kind() -> None:
    """A throttle waits what it asks for at least, and by chance never less than its floor."""
    assert wait_after(fault(K.THROTTLED), 1, 0.0) == 2.0
    assert wait_after(fault(K.THROTTLED), 5, 0.0) == 15.0
    assert wait_after(fault(K.THROTTLED), 50, 0.999) <= 30.0
    assert wait_after(fault(K.TRANSIENT), 1, 0.0) == 0.0
    assert wait_after(fault(K.TRANSIENT), 50, 0.999) <= 20.0

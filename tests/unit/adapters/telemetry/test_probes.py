"""What probes are told of a service that turns, stands still, waits, or drains."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from plimsoll.adapters.telemetry.probes import Probes
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.ports.telemetry import LOOP_TURNS, PARTITIONS, READY
from tests.support.fake_clock import FakeClock
from tests.support.ports import free_port


class Probed:
    """A service's telemetry with a clock that the test moves."""

    def __init__(self) -> None:
        self.telemetry, self.clock = PrometheusTelemetry(), FakeClock()
        self.probes = Probes(self.telemetry.value, self.clock.monotonic)

    def status(self, path: str, query: str = "") -> int | None:
        """The status that a probe gets."""
        answer = self.probes.answer(path, query)
        return None if answer is None else answer[0]

    def still(self, seconds: float) -> int | None:
        """The status of /livez?within_s=30 after so long."""
        assert self.status("/livez", "within_s=30") == 200
        self.clock.seconds += seconds
        return self.status("/livez", "within_s=30")


def test_a_member_whose_loop_stands_still_is_dead() -> None:
    """It lives up to the bound, and not beyond it; the next turn brings it back."""
    service = Probed()
    service.telemetry.set(PARTITIONS, 3)
    service.telemetry.count(LOOP_TURNS)
    assert service.still(30) == 200
    service.clock.seconds += 1
    assert service.status("/livez", "within_s=30") == 503
    service.telemetry.count(LOOP_TURNS)
    assert service.status("/livez", "within_s=30") == 200


def test_one_that_turns_lives() -> None:
    """However much time goes by."""
    service = Probed()
    service.telemetry.set(PARTITIONS, 3)
    for _ in range(5):
        service.telemetry.count(LOOP_TURNS)
        assert service.still(29) == 200


@pytest.mark.parametrize("turns", [0, 7])
def test_one_without_partitions_waits_and_lives(turns: int) -> None:
    """Joining, a rebalance, or more members than partitions kill nobody."""
    service = Probed()
    service.telemetry.count(LOOP_TURNS, amount=turns)
    service.telemetry.set(PARTITIONS, 0)
    assert service.still(10_000) == 200


def test_the_wait_for_partitions_does_not_count() -> None:
    """The bound runs from when a member got its partitions."""
    service = Probed()
    assert service.still(10_000) == 200
    service.telemetry.set(PARTITIONS, 1)
    assert service.still(30) == 200


def test_ready_is_what_the_service_says() -> None:
    """Not before it has joined, and not once it drains."""
    service = Probed()
    assert service.status("/readyz") == 503
    service.telemetry.set(READY, 1)
    assert service.status("/readyz") == 200
    service.telemetry.set(READY, 0)
    assert service.status("/readyz") == 503


def test_a_bound_that_is_no_number_is_refused() -> None:
    """And other paths are no probes."""
    service = Probed()
    assert service.status("/livez", "within_s=soon") == 400
    assert service.status("/metrics") is None


def test_probes_are_answered_beside_scrapes() -> None:
    """One port: /livez, /readyz with their statuses, and the series under /metrics."""
    telemetry, port = PrometheusTelemetry(), free_port()
    telemetry.serve(port)

    def get(path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=120) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    assert get("/livez?within_s=5") == (200, b"alive\n")
    assert get("/readyz") == (503, b"not ready\n")
    assert b"plimsoll_ready 0.0" in get("/metrics")[1]
    telemetry.set(READY, 1)
    assert get("/readyz") == (200, b"ready\n")
    assert b"plimsoll_ready 1.0" in get("/metrics")[1]

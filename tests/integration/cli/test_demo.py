"""The demonstration and `up` do what they say, on the broker in memory."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from plimsoll.adapters.embedded.broker import EmbeddedBroker
from plimsoll.adapters.embedded.ports import answers
from tests.integration.cli.program import command, run
from tests.support.ports import free_port

DEADLINE_S = 300.0


def bare() -> dict[str, str]:
    """An environment in which nothing of Plimsoll is set."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PLIMSOLL_")}


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Returns when `holds()` is true; fails loudly otherwise."""
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def test_the_demonstration_loses_and_doubles_nothing() -> None:
    """A scorer is killed; all 300 are scored, seen once and looked up; auroc is 0.70 or more."""
    ended = run(bare(), "demo", "--json")
    assert ended.code == 0, ended.err
    told = ended.json()
    assert told["published"] == told["scored"] == told["looked_up"] == told["observed"] == 300
    assert (told["losses"], told["doubles"], told["dead"]) == (0, 0, 0)
    assert told["auroc"] >= 0.70
    assert len(told["auroc_by_set"]) == 5
    assert {"p50", "p99"} == told["latency_ms"].keys()
    assert "SIGKILL to scorer-1" in " ".join(ended.err.split())
    for heading in ("to accept", "to review", "an absence widens", "what this cannot tell"):
        assert heading in ended.out


def test_the_demonstration_with_judges_says_what_they_said() -> None:
    """59 pairs judged by a panel under a kill: no loss, figures against labels, typed absences."""
    ended = run(bare(), "demo", "--judges", "--json")
    assert ended.code == 0, ended.err
    told = ended.json()
    assert told["published"] == told["scored"] == told["looked_up"] == told["observed"] == 59
    assert (told["losses"], told["doubles"], told["dead"]) == (0, 0, 0)
    assert told["panel_auroc"] >= 0.75
    assert 0.0 <= told["panel_ece"] <= 0.25
    assert all(one["answered"] + one["silent"] == 59 for one in told["judges"].values())
    gpt4 = told["judges"]["gpt4"]
    assert gpt4["agreed"] / gpt4["answered"] >= 0.85
    faults = {"ThrottlingException": 6, "ServiceUnavailableException": 4}
    assert told["calls_by_outcome"].items() >= faults.items()
    answered = (
        told["calls_by_outcome"]["answered"] + told["calls_by_outcome"]["stop:content_filtered"]
    )
    assert answered >= told["questions"] == 2 * 3 * 59
    assert told["usd"] > 0
    assert {"abstained", "judge_uninformative", "content_filtered"} <= told["judge_absences"].keys()
    for heading in ("the surest yes", "they are divided", "how reliable?", "what this cannot tell"):
        assert heading in ended.out


def test_up_starts_the_dead_again_and_stops_in_order(tmp_path: Path) -> None:
    """A killed indexer comes back and that is said; SIGINT ends everything with exit code 0."""
    port = free_port()
    variables = {**bare(), "PLIMSOLL_QUERY__LISTEN": f"127.0.0.1:{port}"}
    errors = tmp_path / "errors"
    with errors.open("wb") as log:
        process = subprocess.Popen(
            command("up", "--scorers", "1", "--data", str(tmp_path)),
            env=variables,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    try:
        wait_until(lambda: answers("127.0.0.1", port), "no endpoint")
        wait_until((tmp_path / "logs" / "observer.ready").exists, "no observer")
        children = psutil.Process(process.pid).children(recursive=True)
        (indexer,) = [child for child in children if "indexer" in child.cmdline()]
        indexer.kill()
        said = "indexer was ended by SIGKILL; starting it again"
        wait_until(lambda: said in " ".join(errors.read_text().split()), "nothing said")
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE_S) == 0
        gone, alive = psutil.wait_procs(children, timeout=DEADLINE_S)
        assert len(gone) == len(children)
        assert alive == []
    finally:
        process.kill()
        process.wait()


def test_up_refuses_what_cannot_run(tmp_path: Path) -> None:
    """A wrong setting ends `up` at once with the child's own words, not in a loop of restarts."""
    variables = {
        **bare(),
        "PLIMSOLL_SCORER__PLAN_FILE": str(tmp_path / "none.yaml"),
        # The plan alone is wrong, whatever holds the port that is the default.
        "PLIMSOLL_QUERY__LISTEN": f"127.0.0.1:{free_port()}",
    }
    ended = run(variables, "up", "--data", str(tmp_path))
    assert ended.code == 1
    assert "ended with exit code 2" in ended.err
    assert "none.yaml cannot be read" in ended.err


def test_the_broker_in_memory_ends_with_its_parent(tmp_path: Path) -> None:
    """SIGKILL of the process that brought it takes the broker with it."""
    port = free_port()
    script = (
        "import pathlib, time; from plimsoll.adapters.embedded.broker import EmbeddedBroker; "
        f"EmbeddedBroker(pathlib.Path({str(tmp_path / 'log')!r}), {port}).start(); time.sleep(900)"
    )
    parent = subprocess.Popen([command()[0], "-c", script])
    wait_until(lambda: answers("127.0.0.1", port), "no broker")
    parent.kill()
    parent.wait()
    wait_until(lambda: not answers("127.0.0.1", port), "the broker outlived its parent")


def test_a_broker_can_be_stopped_and_forgets(tmp_path: Path) -> None:
    """After stop nobody answers at its port, and stopping again is harmless."""
    broker = EmbeddedBroker(tmp_path / "log")
    broker.start()
    assert answers("127.0.0.1", broker.port)
    broker.stop()
    broker.stop()
    assert not broker.alive
    assert not answers("127.0.0.1", broker.port)

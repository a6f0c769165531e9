"""Long metrics in processes of their own: bounded in time, memory and number."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from plimsoll.adapters.compute.pool import ComputePool
from plimsoll.adapters.compute.process import ComputeProcess
from plimsoll.adapters.compute.worker import Setup
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.calibration.claim_filters import LabelledResponse, learned
from plimsoll.calibration.conformal_claims import ScoredClaim
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.claim_scopes import claim_certificate, claim_scope
from plimsoll.domain.claims import ClaimGuarantee, ClaimPromise
from plimsoll.domain.result import Expectations, LlmResult
from plimsoll.domain.score import Score
from plimsoll.metrics.claim_faithfulness import scoring_by
from plimsoll.metrics.claim_marks import group_of
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.regex_validity import RegexValidity
from plimsoll.ports.telemetry import COMPUTE_KILLS
from plimsoll.scorer.compute import compute_process
from plimsoll.scorer.tools import ToolSettings, build_tools
from plimsoll.settings.claims import ClaimSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.models import ModelSettings
from plimsoll.settings.sandbox import SandboxSettings
from tests.support.sandboxes import real_sandbox
from tests.support.tiny_models import make_embedder, make_entailment
from tests.unit.metrics.code_results import code_result
from tests.unit.metrics.grounded import grounded
from tests.unit.metrics.results import result

ODD = "tests.integration.compute.odd_worker"
TOOLED = "tests.integration.compute.tooled_worker"
LONG_S = 300.0


def absent(metric: str, _: LlmResult, absence: Absence) -> Score:
    """The score of a metric without a number."""
    return Score(metric=metric, version="1", outcome=absence)


def real() -> ComputeProcess:
    """A compute process with the scorer's metrics and default settings."""
    return compute_process(ToolSettings.of(Settings()))


@pytest.fixture
async def odd() -> AsyncIterator[ComputePool]:
    """Two processes of odd metrics."""
    pool = ComputePool(2, absent, PrometheusTelemetry(), lambda: ComputeProcess(ODD, Setup()))
    yield pool
    await pool.stop()


def reason(score: Score) -> AbsenceReason | None:
    """Why a score has no value."""
    return score.absence.reason if score.absence else None


async def test_a_real_metric_gives_what_it_gives_here() -> None:
    """A score from another process equals the one computed in this process."""
    pool = ComputePool(1, absent, PrometheusTelemetry(), real)
    given = result(expectations=Expectations(regex="Par(is|ma)"))
    try:
        score = await pool.evaluate("regex_validity", given, LONG_S)
    finally:
        await pool.stop()
    assert score == evaluate(RegexValidity(), given)


async def test_processes_start_when_first_needed() -> None:
    """A pool that was never asked has no process."""
    pool = ComputePool(4, absent, PrometheusTelemetry(), real)
    before = set(psutil.Process().children())
    await pool.stop()
    assert set(psutil.Process().children()) <= before


async def test_a_process_serves_many_tasks(odd: ComputePool) -> None:
    """Tasks one after the other are answered by one and the same process."""
    pids = {(await odd.evaluate("quick", result(), LONG_S)).outcome for _ in range(5)}
    assert len(pids) == 1


async def test_metrics_of_one_result_see_one_object(odd: ComputePool) -> None:
    """A result that comes again for its next metric is the same object, so that sharing works."""
    given = [result("Paris"), result("Paris"), result("Rome"), result("Rome")]
    seen = [(await odd.evaluate("identity", one, LONG_S)).outcome for one in given]
    assert seen[0] == seen[1]
    assert seen[2] == seen[3]
    assert seen[0] != seen[2]


async def test_a_metric_that_never_ends_times_out(odd: ComputePool) -> None:
    """At its deadline the process is killed, the score is `timed_out`, and the next task runs."""
    first = await odd.evaluate("quick", result(), LONG_S)
    assert reason(await odd.evaluate("slow", result(), 0.2)) is AbsenceReason.TIMED_OUT
    again = await odd.evaluate("quick", result(), LONG_S)
    assert again.value is not None
    assert again.value != first.value
    assert odd._telemetry.value(COMPUTE_KILLS, ("timed_out",)) == 1  # type: ignore[attr-defined]  # the port only takes figures


@pytest.mark.parametrize("metric", ["deadly", "greedy"])
async def test_a_metric_that_kills_its_process_is_an_absence(odd: ComputePool, metric: str) -> None:
    """A process that dies, or wants more memory than it may have, costs one number."""
    assert reason(await odd.evaluate(metric, result(), LONG_S)) is AbsenceReason.INTERNAL_ERROR
    assert (await odd.evaluate("quick", result(), LONG_S)).value is not None


async def test_what_libraries_print_does_no_harm(odd: ComputePool) -> None:
    """Lines on stdout do not get between the answers."""
    for _ in range(3):
        assert (await odd.evaluate("chatty", result(), LONG_S)).value is not None


async def test_a_turn_comes_when_one_is_free(odd: ComputePool) -> None:
    """With both processes at work a turn has none of them; it comes up when one is free again."""
    await asyncio.gather(*(odd.evaluate("quick", result(), LONG_S) for _ in range(2)))
    busy = [asyncio.ensure_future(odd.evaluate("slow", result(), LONG_S)) for _ in range(2)]
    await asyncio.sleep(0)
    turn = odd.turn()
    coming = asyncio.ensure_future(turn.opened())
    await asyncio.sleep(0)
    open_while_busy = turn.is_open
    busy[0].cancel()
    await coming
    assert (open_while_busy, turn.is_open) == (False, True)
    turn.leave()
    busy[1].cancel()
    await asyncio.wait(busy)


async def test_a_cancelled_task_leaves_no_answer_behind(odd: ComputePool) -> None:
    """After a task was cancelled in the middle the next one gets its own answer."""
    cancelled = asyncio.ensure_future(odd.evaluate("slow", result(), LONG_S))
    await asyncio.sleep(0.3)
    cancelled.cancel()
    await asyncio.wait({cancelled})
    assert (await odd.evaluate("quick", result(), LONG_S)).metric == "quick"
    turns = [odd.turn(), odd.turn()]
    for turn in turns:
        await turn.opened()
    assert all(turn.is_open for turn in turns)


async def test_the_event_loop_is_never_held_up(odd: ComputePool) -> None:
    """While a metric runs, everything else does: a thousand turns of the loop pass."""
    slow = asyncio.ensure_future(odd.evaluate("slow", result(), 10 * LONG_S))
    for _ in range(1_000):
        await asyncio.sleep(0)
    assert not slow.done()
    slow.cancel()
    await asyncio.wait({slow})


PARENT = f"""
import asyncio, sys
from plimsoll.adapters.compute.process import ComputeProcess
from plimsoll.adapters.compute.worker import Setup
from tests.unit.metrics.results import result
async def main():
    process = ComputeProcess({ODD!r}, Setup())
    await process.ask("quick", result())
    print(process._process.pid, flush=True)
    await process.ask("slow", result())
asyncio.run(main())
"""


def test_processes_die_with_their_parent() -> None:
    """After a SIGKILL of the scorer no compute process is left, not even one at work."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    gone, alive = psutil.wait_procs([child], timeout=120)
    assert not alive or alive[0].status() == psutil.STATUS_ZOMBIE
    assert gone or alive


async def test_code_runs_below_a_compute_process() -> None:
    """Its memory limit is in the way of neither bubblewrap nor Node.js."""
    real_sandbox()
    settings = ToolSettings.of(Settings(sandbox=SandboxSettings(enabled=True)))
    pool = ComputePool(1, absent, PrometheusTelemetry(), lambda: compute_process(settings))
    script = code_result("function f(n) { return n + 1; }", language="javascript")
    try:
        found = [
            await pool.evaluate(metric, given, LONG_S)
            for metric in ("code_compiles", "code_runs", "generated_tests")
            for given in (code_result("def f(n): return n + 1"), script)
        ]
    finally:
        await pool.stop()
    assert [score.value for score in found] == [1.0] * 6


async def test_a_metric_gets_its_models_in_its_process(tmp_path: Path) -> None:
    """A compute process composes its tools from the settings that it is told first."""
    settings = Settings(models=ModelSettings(embedder=str(make_embedder(tmp_path / "tiny"))))
    process = ComputeProcess(TOOLED, Setup(ToolSettings.of(settings)))
    pool = ComputePool(1, absent, PrometheusTelemetry(), lambda: process)
    try:
        score = await pool.evaluate("any", result(), LONG_S)
    finally:
        await pool.stop()
    assert score.provenance_hash.startswith("tiny@")


async def test_claims_are_marked_in_the_process_that_runs_the_model(tmp_path: Path) -> None:
    """What labels have taught goes there with the settings, and marks come back with the score."""
    (tmp_path / "model").mkdir()
    model = str(make_entailment(tmp_path / "model"))
    taught, settings = tmp_path / "taught", Settings(models=ModelSettings(entailment=model))
    entailment = build_tools(ToolSettings.of(settings)).entailment
    assert entailment is not None
    claims = (ScoredClaim(0.1, true=False), ScoredClaim(1.0, true=True))
    given = grounded("Paris is the capital. Rome is not the capital.", "The capital is Paris.")
    labelled = [LabelledResponse(group_of(given), claims)] * 9
    filters = learned(labelled, scoring_by(entailment), ClaimGuarantee.ALL_TRUE, 0.1)
    taught.write_text(filters.text(), encoding="utf-8")
    settings = settings.model_copy(update={"claims": ClaimSettings(filter_file=taught)})
    wanted = ToolSettings.of(settings)
    # A process that starts late promises what those before it did, whatever has become of the file.
    taught.unlink()
    pool = ComputePool(1, absent, PrometheusTelemetry(), lambda: compute_process(wanted))
    try:
        score = await pool.evaluate("claim_faithfulness", given, LONG_S)
    finally:
        await pool.stop()
    marks = score.claim_filter
    assert marks is not None
    named = claim_certificate(claim_scope(given.key.tenant, filters.name, group_of(given)))
    assert marks.promise == ClaimPromise(ClaimGuarantee.ALL_TRUE, 0.1, 9, 0.1, named)
    assert [(claim.start, claim.kept) for claim in marks.claims] == [(0, True), (22, False)]
    assert [claim.start for claim in marks.kept] == [0]


SANDBOXED = """
import asyncio, sys
from plimsoll.adapters.compute.process import ComputeProcess
from plimsoll.adapters.compute.worker import Setup
from plimsoll.scorer.tools import ToolSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.sandbox import SandboxSettings
from tests.unit.metrics.results import result
async def main():
    settings = ToolSettings.of(Settings(sandbox=SandboxSettings(enabled=True)))
    process = ComputeProcess("tests.integration.compute.sandboxed_worker", Setup(settings))
    await process.ask("quick", result())
    print(process._process.pid, flush=True)
    await process.ask("endless", result())
asyncio.run(main())
"""


def inside(process: psutil.Process) -> bool:
    """Whether it is the inside program; one that has just ended is not."""
    try:
        return "/inside" in process.cmdline()[-1:]
    except psutil.NoSuchProcess:
        return False


def sandboxed(pid: int) -> list[psutil.Process]:
    """What runs below a compute process, once all of a sandbox's processes are there."""
    for _ in range(1_200):
        below = psutil.Process(pid).children(recursive=True)
        if any(inside(process) for process in below):
            return below
        time.sleep(0.1)
    raise AssertionError("no sandbox was started")


def test_a_sandbox_dies_with_its_compute_process() -> None:
    """After a SIGKILL of the scorer neither its compute process nor the code in it is left."""
    real_sandbox()
    parent = subprocess.Popen([sys.executable, "-c", SANDBOXED], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    everyone = [psutil.Process(pid), *sandboxed(pid)]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _, alive = psutil.wait_procs(everyone, timeout=120)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []

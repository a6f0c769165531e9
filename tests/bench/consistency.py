"""Metrics beside uqlm's and lm-polygraph's: the same inputs, in the same process, in turn.

`python -m tests.bench.consistency FOLDER RESULTS ROUNDS` is that process; it ends with a list of
figures on its standard output, or with an error where two results differ by more than 1e-9.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

from tests.bench.contests import AIMED_RATIO, Contest, Inputs, Values, contests, inputs
from tests.bench.figures import Figure
from tests.bench.rig import Sizes, say
from tests.support.peers import open_peers

TOLERANCE = 1e-9
_NANOSECONDS = 1e3


class DifferentResultError(RuntimeError):
    """Two functions that are measured for speed do not compute the same."""


def measure(folder: Path, sizes: Sizes) -> list[Figure]:
    """Figures of each contest, measured in a process of its own on one core."""
    say("metrics beside uqlm's and lm-polygraph's")
    command = [sys.executable, "-m", "tests.bench.consistency", str(folder)]
    answer = subprocess.run(
        [*command, str(sizes.calls // 40), str(sizes.repetitions)],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [Figure(**row) for row in json.loads(answer.stdout.splitlines()[-1])]


def held(contest: Contest, given: Inputs, rounds: int) -> Figure:
    """Microseconds a result of either side, in turn; the first round compares, and warms."""
    difference = farthest(contest.ours(), contest.theirs())
    if not difference <= TOLERANCE:
        raise DifferentResultError(f"{contest.name} differs from {contest.against}: {difference}")
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(micros(contest.ours, len(given.results)))
        theirs.append(micros(contest.theirs, len(given.results)))
    ratio = median(b / a for a, b in zip(ours, theirs, strict=True))
    say(
        f"{contest.name}: {ratio:.1f} times as fast as {contest.against}, equal to {difference:.0e}"
    )
    return Figure(
        f"{contest.name}_per_result",
        median(ours),
        "µs",
        median(theirs),
        ratio,
        f"ratio {AIMED_RATIO:.0f} or more, {contest.against}'s time by ours",
        least=AIMED_RATIO,
    )


def farthest(ours: Values, theirs: Values) -> float:
    """The largest difference between two lists of numbers of the same shape."""
    return max(
        abs(a - b)
        for one, other in zip(ours, theirs, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def micros(run: Callable[[], Values], results: int) -> float:
    """Processor time of one run by the number of its results."""
    before = time.process_time_ns()
    run()
    return (time.process_time_ns() - before) / results / _NANOSECONDS


def main(arguments: Sequence[str]) -> None:
    """Opens the peers, runs every contest, prints the figures."""
    folder, results, rounds = Path(arguments[0]), int(arguments[1]), int(arguments[2])
    open_peers(folder)
    given = inputs(results)
    print(json.dumps([asdict(held(contest, given, rounds)) for contest in contests(given)]))


if __name__ == "__main__":
    main(sys.argv[1:])

"""What a run is asked to show, statement by statement, and whether it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.quality.confbench.acceptance import MARGIN
from tests.quality.confbench.execution import ASKED, ASKED_OF

Document = dict[str, Any]


def claims(found: Document) -> str:
    """The statements with their figures, in Markdown."""
    rows = "".join(
        f"| {what} | {figure} | {'yes' if holds else '**no**'} |\n"
        for what, figure, holds in _claims(found)
    )
    return f"## What holds\n\n| statement | found | holds |\n| --- | --- | --- |\n{rows}"


def _claims(found: Document) -> Iterator[tuple[str, str, bool]]:
    tasks = found["acceptance"]["tasks"]
    for rival, name in (("single", "best single metric"), ("trivial", "best trivial baseline")):
        task, least = min(
            ((task, row[rival]["gain_lower"]) for task, row in tasks.items()),
            key=lambda pair: pair[1],
        )
        yield (
            f"on no task more than {-MARGIN:g} worse than the {name}",
            f"least {least:+.3f} ({task})",
            least >= MARGIN,
        )
        mean = found["acceptance"][f"mean_gain_on_{rival}"]
        yield f"better than the {name} on the mean of tasks", f"at least {mean:+.3f}", mean > 0.0
    task, spare = _closest(tasks)
    row = tasks[task]
    yield (
        "calibration error within its bound on each task",
        f"closest {row['ece']:.3f} of {row['ece_bound']:.3f} ({task})",
        spare >= 0.0,
    )
    yield (
        "log-loss beats the base rate's on each task",
        ", ".join(
            f"{task} {row['log_loss']:.2f} / {row['base_log_loss']:.2f}"
            for task, row in tasks.items()
        ),
        all(row["log_loss"] < row["base_log_loss"] for row in tasks.values()),
    )
    yield from _agreement(found["execution"])
    for row in found["patterns"]:
        without = row["without_input"]
        yield (
            f"without {row['missing']} calibrated, and the interval wider",
            f"{without['ece']:.3f} of {without['ece_bound']:.3f}, {row['least_growth']:+.3f}",
            row["holds"],
        )


def _closest(tasks: Document) -> tuple[str, float]:
    spares = {task: row["ece_bound"] - row["ece"] for task, row in tasks.items()}
    return min(spares.items(), key=lambda pair: pair[1])


def _agreement(found: list[Document]) -> Iterator[tuple[str, str, bool]]:
    """Agreement of the solutions that were sampled from one model."""
    metric, set_name = ASKED_OF
    for row in found:
        if (row["metric"], row["sets"]) == (metric, [set_name]):
            one = row["figures"]
            figure = f"{one['auroc']:.3f} [{one['lower']:.3f}, {one['upper']:.3f}], {one['n']}"
            what = f"{metric} ranks {set_name} at {ASKED:g} or better"
            yield what, f"{figure} results", row["holds"]

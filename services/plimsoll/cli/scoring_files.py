"""What `plimsoll score` does: reads, scores, writes, and measures against labels."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO

import orjson

from plimsoll.adapters.clock import SystemClock
from plimsoll.cli.csv_lines import parse_map
from plimsoll.cli.failures import FAILED, OK
from plimsoll.cli.labels import Labels
from plimsoll.cli.labels_by_id import read_labels
from plimsoll.cli.learned_file import LearnedFile
from plimsoll.cli.learned_reading import read_scopes
from plimsoll.cli.lines import BadLine, Line, read_lines
from plimsoll.cli.progress import counting
from plimsoll.cli.rendering import interval_text
from plimsoll.cli.scored_json import scored_json
from plimsoll.cli.scoring import LocalScorer
from plimsoll.cli.terminal import out, print_json
from plimsoll.cli.trust import Labelled, Trust, measure
from plimsoll.cli.trust_text import print_trust, trust_json
from plimsoll.cli.unknown_names import telling
from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked for; empty strings and None leave something out."""

    file: Path
    columns: str
    output: Path | None
    plan: Path | None
    label: str
    labels: Path | None
    group: str
    settings: Settings
    max_hold: timedelta
    learned: Path | None
    quiet: bool


@dataclass(slots=True)
class _Tally:
    scored: int = 0
    bad: int = 0
    without: int = 0
    incomplete: int = 0
    taught: int = 0
    labelled: list[Labelled] = field(default_factory=list)


def score_file(task: Task, *, strict: bool, as_json: bool) -> int:
    """Scores a file; gives the exit code, 1 where a line was bad or a judge could not be asked."""
    by_id = read_labels(task.labels) if task.labels is not None else {}
    labels = Labels(task.label, task.group, by_id)
    columns = parse_map(task.columns) if task.columns else None
    plan = task.plan or task.settings.scorer.plan_file
    tally = _Tally()
    learned = _learned(task.learned)
    with ExitStack() as stack:
        scorer = stack.enter_context(_scorer(plan, task, learned))
        if learned is not None:
            learned.check(scorer.bases)
        written = stack.enter_context(task.output.open("wb")) if task.output else None
        progress = stack.enter_context(counting())
        bar = progress.add_task("scoring", total=None)
        lines = read_lines(task.file, columns)
        for line in telling(task.file, lines, {task.label, task.group}):
            problem = _one(scorer, line, task, labels=labels, tally=tally, written=written)
            progress.advance(bar)
            if problem:
                tally.bad += 1
                sys.stderr.write(f"{task.file}:{line.number}: {problem}\n")
                if strict:
                    break
        progress.update(bar, total=tally.scored + tally.bad)
    _say(task, tally, as_json=as_json)
    if learned is not None and learned.missing:
        sys.stderr.write(f"{learned.path}: nothing stands for {learned.missing}: by the prior\n")
    return FAILED if tally.bad or tally.incomplete else OK


def _scorer(plan: Path | None, task: Task, learned: LearnedFile | None) -> LocalScorer:
    if learned is None:
        return LocalScorer(plan, task.settings, task.max_hold)
    told = learned.standing
    return LocalScorer(plan, task.settings, task.max_hold, told, claims=learned.state)


def _learned(path: Path | None) -> LearnedFile | None:
    return None if path is None else LearnedFile(path, read_scopes(path), SystemClock().now)


def _one(
    scorer: LocalScorer,
    line: Line | BadLine,
    task: Task,
    *,
    labels: Labels,
    tally: _Tally,
    written: IO[bytes] | None,
) -> str:
    """Scores one line; gives what is wrong with it, or ''."""
    if isinstance(line, BadLine):
        return line.problem
    scored = scorer.score(line.result)
    tally.scored += 1
    tally.without += scored.confidence.estimate is None
    tally.incomplete += not scored.complete
    tally.taught += scored.confidence.calibration_id != scorer.prior_id
    if written is not None:
        written.write(orjson.dumps(scored_json(scored)) + b"\n")
    elif not (task.quiet or task.label or task.labels):
        print(f"{scored.key}  {interval_text(scored.confidence)}")
    try:
        found = labels.of(scored.key, line.fields)
    except ValueError as error:
        return str(error)
    if found is not None:
        tally.labelled.append(Labelled(scored, *found))
    return ""


def _say(task: Task, tally: _Tally, *, as_json: bool) -> None:
    trust = _trust(task, tally)
    if as_json:
        counts = {
            "scored": tally.scored,
            "bad_lines": tally.bad,
            "without_confidence": tally.without,
            "incomplete": tally.incomplete,
        }
        if task.learned is not None:
            counts["by_labels"] = tally.taught
        print_json(counts | (trust_json(trust) if trust is not None else {}))
        return
    where = f", written to {task.output}" if task.output else ""
    print(
        f"{tally.scored} scored{where}, {tally.without} of them without a confidence; "
        f"{tally.bad} bad lines"
    )
    if task.learned is not None:
        print(f"{tally.taught} of them by what labels have taught ({task.learned})")
    if tally.incomplete:
        print(
            f"{tally.incomplete} are incomplete, since a judge could not be asked in time "
            "(--max-hold): what was answered is kept, so running this again asks for the rest"
        )
    if trust is not None:
        print_trust(trust, out())


def _trust(task: Task, tally: _Tally) -> Trust | None:
    if not (task.label or task.labels):
        return None
    if not tally.labelled:
        asked = f"--label {task.label}" if task.label else f"--labels {task.labels}"
        raise ConfigurationError(f"{asked}: no result of {task.file} has a label there")
    return measure(tally.labelled)

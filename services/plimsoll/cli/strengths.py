"""What `plimsoll strengths learn` does: labelled results become the table that services read."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from plimsoll.adapters.clock import SystemClock
from plimsoll.cli.csv_lines import parse_map
from plimsoll.cli.failures import FAILED, OK
from plimsoll.cli.labelled_values import LabelledValues
from plimsoll.cli.labels import Labels
from plimsoll.cli.lines import BadLine, Line, read_lines
from plimsoll.cli.progress import counting
from plimsoll.cli.scoring import LocalScorer
from plimsoll.cli.terminal import out, table
from plimsoll.cli.unknown_names import telling
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import TaskKind
from plimsoll.domain.score import Strength, Unmeasured
from plimsoll.metrics.own_strengths import OwnStrengths
from plimsoll.metrics.strength_rows import StrengthKey, checked_text
from plimsoll.metrics.strengths import strengths_of
from plimsoll.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Task:
    """What is measured on which labels; no plan is every metric that costs nothing."""

    file: Path
    columns: str
    labels: Labels
    dataset: str
    plan: Path | None
    max_hold: timedelta


@dataclass(slots=True)
class _Tally:
    """Results that were left out, by why, and those of which a judge said nothing."""

    bad: int = 0
    twice: int = 0
    unlabelled: int = 0
    without_column: int = 0
    incomplete: int = 0


def learn_strengths(task: Task, settings: Settings, *, output: Path) -> int:
    """Writes the table; ConfigurationError where labels bear no figure at all."""
    try:
        dataset = checked_text(task.dataset, "--dataset")
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
    if not output.parent.is_dir():
        # Said before anything is scored, which may take long and cost money.
        raise ConfigurationError(f"--out {output}: there is no folder {output.parent}")
    tally, values = _Tally(), LabelledValues()
    with LocalScorer(task.plan, settings, task.max_hold) as scorer, counting() as progress:
        bar = progress.add_task("scoring", total=None)
        for line, label, group in _labelled(task, tally):
            scored = scorer.score(line.result)
            tally.incomplete += not scored.complete
            values.add(scored, label, group)
            progress.advance(bar)
    figures: dict[StrengthKey, Strength] = {}
    unstated: dict[StrengthKey, str] = {}
    for key, figure in values.figures():
        if isinstance(figure, Unmeasured):
            unstated[key] = figure.why
        else:
            figures[key] = figure.strength(dataset, *key[2:])
    if not figures:
        told = [_told(tally, values), *_no_column(task, tally, values), *_reasons(unstated)]
        why = "; ".join(told)
        raise ConfigurationError(f"the labels of {task.file} bear no figure of any metric: {why}")
    own = OwnStrengths(figures, SystemClock().now().date())
    output.write_text(own.text() + "\n", encoding="utf-8")
    _show(figures)
    for reason in _reasons(unstated):
        print(f"no figure: {reason}")
    print(f"{own.name} in {output}: {_told(tally, values)}")
    print("set strengths.file to it, for scorers and for the query service")
    return FAILED if tally.bad or tally.incomplete else OK


def _labelled(task: Task, tally: _Tally) -> Iterator[tuple[Line, int, str]]:
    """Every result that has a label, once, with its group; what is wrong is told with its line."""
    seen: set[ResultKey] = set()
    columns = parse_map(task.columns) if task.columns else None
    expected = {task.labels.column, task.labels.group}
    for line in telling(task.file, read_lines(task.file, columns), expected):
        try:
            found = _label(line, task.labels)
        except ValueError as error:
            tally.bad += 1
            sys.stderr.write(f"{task.file}:{line.number}: {error}\n")
            continue
        if found is None:
            tally.unlabelled += 1
            tally.without_column += isinstance(line, Line) and not task.labels.beside(line.fields)
        elif found[0].result.key in seen:
            tally.twice += 1
        else:
            seen.add(found[0].result.key)
            yield found


def _label(line: Line | BadLine, labels: Labels) -> tuple[Line, int, str] | None:
    """None where it has no label; ValueError where it has none of those, or the line no result."""
    if isinstance(line, BadLine):
        raise ValueError(line.problem)
    found = labels.of(line.result.key, line.fields)
    return None if found is None else (line, *found)


def _told(tally: _Tally, values: LabelledValues) -> str:
    """How many results there were, and what was left out."""
    left_out = {
        "without a label": tally.unlabelled,
        "without a task kind or language (fields task_kind and language)": values.unnamed,
        "there twice": tally.twice,
        "bad lines": tally.bad,
    }
    told = [f"{count} {what}" for what, count in left_out.items() if count]
    if tally.incomplete:
        told.append(f"{tally.incomplete} of which a judge said nothing in time (--max-hold)")
    return ", ".join([f"{values.labels} labelled results", *told])


def _no_column(task: Task, tally: _Tally, values: LabelledValues) -> list[str]:
    """Says so where a column was named that no result has: most likely a typing error."""
    if not task.labels.column or values.labels or tally.without_column < max(tally.unlabelled, 1):
        return []
    return [f"no result has a column, key or attribute {task.labels.column[:40]!r}"]


def _reasons(unstated: Mapping[StrengthKey, str]) -> list[str]:
    """Why there is no figure, with the metrics of which that is true."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for (metric, _, kind, language, _), why in unstated.items():
        found.setdefault((kind.value, language, why), []).append(metric)
    return [
        f"{kind} {language}, {why}: {', '.join(metrics)}"
        for (kind, language, why), metrics in sorted(found.items())
    ]


def _show(figures: Mapping[StrengthKey, Strength]) -> None:
    """A table for each task kind and language, the strongest first, beside what ships."""
    for kind, language in sorted({key[2:4] for key in figures}):
        shown = table(
            "metric", "AUROC>", "interval", "labels>", "ships>", title=f"{kind} {language}"
        )
        here = {key: strength for key, strength in figures.items() if key[2:4] == (kind, language)}
        for key, strength in sorted(here.items(), key=lambda one: (-one[1].auroc, one[0])):
            shipped = next((s for s in strengths_of(*key[:2]) if _of(s) == key[2:]), None)
            shown.add_row(
                key[0],
                f"{strength.auroc:.2f}",
                f"[{strength.interval.lower:.2f}, {strength.interval.upper:.2f}]",
                str(strength.labels),
                "-" if shipped is None else f"{shipped.auroc:.2f}",
            )
        out().print(shown)


def _of(strength: Strength) -> tuple[TaskKind, str, str]:
    return strength.task_kind, strength.language, strength.model

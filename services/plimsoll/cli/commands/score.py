"""`plimsoll score`: a file in, confidences out, without Kafka."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plimsoll.cli.options import (
    AsJson,
    ColumnMap,
    ConfigFile,
    LabelFile,
    Learned,
    MaxHold,
    ResultFile,
    Strict,
)


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel="Try it")(score)


def score(
    file: ResultFile,
    *,
    columns: ColumnMap = "",
    output: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Writes scored results, as JSONL.")
    ] = None,
    label: Annotated[
        str,
        typer.Option(metavar="COLUMN", help="A column, JSON key or attribute: 1 right, 0 wrong."),
    ] = "",
    labels: LabelFile = None,
    group: Annotated[
        str, typer.Option(metavar="COLUMN", help="Rows that stand or fall together, as a question.")
    ] = "",
    plan: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Scoring plan; scorer.plan_file, or every metric."),
    ] = None,
    learned: Learned = None,
    max_hold_s: MaxHold = 60.0,
    strict: Strict = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Scores the results of FILE here, without Kafka, as a scorer would.

    With labels it says how far to trust the confidences: AUROC beside the length alone, what was
    claimed and what came true, and the errors left after keeping the best. A bad line is named
    and passed over, and a judge that cannot be asked leaves an absence; the exit code is 1 then.
    """
    from datetime import timedelta

    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.scoring_files import Task, score_file

    task = Task(
        file,
        columns,
        output,
        plan,
        label,
        labels,
        group,
        settings_for_command(config),
        timedelta(seconds=max_hold_s),
        learned,
        quiet=as_json,
    )
    return score_file(task, strict=strict, as_json=as_json)

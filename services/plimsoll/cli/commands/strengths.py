"""`plimsoll strengths`: how well metrics tell right from wrong, on labels of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plimsoll.cli.options import ColumnMap, ConfigFile, LabelFile, MaxHold, ResultFile


def register(app: typer.Typer) -> None:
    """Adds the group."""
    strengths = typer.Typer(help="How well metrics tell right from wrong, on labels of your own.")
    strengths.command()(learn)
    app.add_typer(strengths, name="strengths", rich_help_panel="Trust it", no_args_is_help=True)


def learn(
    file: ResultFile,
    *,
    dataset: Annotated[
        str, typer.Option(metavar="NAME", help="What the labelled results are called in scores.")
    ],
    output: Annotated[Path, typer.Option("--out", metavar="FILE", help="For strengths.file.")],
    label: Annotated[
        str,
        typer.Option(metavar="COLUMN", help="A column, JSON key or attribute: 1 right, 0 wrong."),
    ] = "",
    labels: LabelFile = None,
    group: Annotated[
        str, typer.Option(metavar="COLUMN", help="Rows that stand or fall together, as a question.")
    ] = "",
    columns: ColumnMap = "",
    plan: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Scoring plan; scorer.plan_file, or every metric."),
    ] = None,
    max_hold_s: MaxHold = 60.0,
    config: ConfigFile = None,
) -> int:
    """Measures each metric of the plan on the labelled results of FILE, as `plimsoll score` does.

    For each task kind and language: the AUROC with its interval. It takes 50 labels, 10 of the
    rarer kind, in 10 groups; where there are fewer, no figure is stated. A bad line is named and
    passed over; the exit code is 1 then.
    """
    from datetime import timedelta

    from plimsoll.cli.labels import Labels
    from plimsoll.cli.labels_by_id import read_labels
    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.strengths import Task, learn_strengths
    from plimsoll.domain.errors import ConfigurationError

    if not (label or labels):
        raise ConfigurationError("name the labels: --label COLUMN, or --labels FILE")
    settings = settings_for_command(config)
    by_id = read_labels(labels) if labels is not None else {}
    task = Task(
        file,
        columns,
        Labels(label, group, by_id),
        dataset,
        plan or settings.scorer.plan_file,
        timedelta(seconds=max_hold_s),
    )
    return learn_strengths(task, settings, output=output)

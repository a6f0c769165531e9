"""`plimsoll lineage`: learns from labels how often results on given parents are right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plimsoll.cli.options import ColumnMap


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel="Trust it")(lineage)


def lineage(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Labelled results with parents.")],
    label: Annotated[
        str, typer.Option(metavar="COLUMN", help="A column or attribute: 1 right, 0 wrong.")
    ],
    output: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="For lineage.conditional_file.")
    ],
    columns: ColumnMap = "",
) -> int:
    """Learns from labels how often a result is right, given its parents' confidences.

    Lines without a label, or without a confidence for each parent, are left out and counted.
    """
    from plimsoll.cli.lineage import learn_lineage

    return learn_lineage(file, columns, label=label, output=output)

"""`plimsoll claims`: which claims of a response to keep, learned from labelled ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from plimsoll.cli.options import ColumnMap, ConfigFile, ResultFile


def register(app: typer.Typer) -> None:
    """Adds the group."""
    claims = typer.Typer(help="Which claims of a response to keep, so that few are false.")
    claims.command()(find)
    claims.command()(learn)
    app.add_typer(claims, name="claims", rich_help_panel="Trust it", no_args_is_help=True)


def find(
    file: ResultFile,
    *,
    output: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Claims to label, as JSONL.")
    ],
    columns: ColumnMap = "",
    config: ConfigFile = None,
) -> int:
    """Finds the claims of each response with a context, and scores them, for people to label.

    One line a response; a claim's `true` is to become true or false.
    """
    from plimsoll.cli.claims import find_claims
    from plimsoll.cli.opening import settings_for_command

    return find_claims(file, columns, settings_for_command(config), output=output)


def learn(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Labelled claims, as JSONL.")],
    *,
    error_rate: Annotated[
        float, typer.Option(metavar="RATE", help="How often the promise may fail: 0.1 is a tenth.")
    ],
    promise: Annotated[
        Literal["all_true", "false_share"],
        typer.Option(
            help="all_true: in so few responses is a claim kept that is false. false_share: of a "
            "response's claims so small a share is kept and false, on average.",
        ),
    ] = "all_true",
    output: Annotated[Path, typer.Option("--out", metavar="FILE", help="For claims.filter_file.")],
) -> int:
    """Learns from labelled claims above which score they are kept (conformal factuality).

    For each task kind and language; it takes 1/RATE - 1 responses, each with all claims labelled.
    """
    from plimsoll.cli.claims import Asked, learn_claims
    from plimsoll.domain.claims import ClaimGuarantee
    from plimsoll.domain.errors import ConfigurationError

    if not 0.0 < error_rate < 1.0:
        raise ConfigurationError(f"--error-rate {error_rate:g} is not between 0 and 1")
    return learn_claims(file, Asked(ClaimGuarantee(promise), error_rate), output=output)

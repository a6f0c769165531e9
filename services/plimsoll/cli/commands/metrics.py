"""`plimsoll metrics`: the catalogue with measured strengths."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plimsoll.cli.failures import OK, USAGE
from plimsoll.cli.options import AsJson, ConfigFile

if TYPE_CHECKING:
    from plimsoll.cli.catalogue import MetricEntry


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel="Trust it")(metrics)


def metrics(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="Only this metric, and all of it.")
    ] = "",
    *,
    family: Annotated[str, typer.Option(help="Only this family, as black_box.")] = "",
    docs: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Writes the reference in Markdown there.")
    ] = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> int:
    """Lists every metric, or one: what it looks at, what it needs and costs, how strong it is.

    Strength is the AUROC on labelled data of one task kind and language; without labels it is
    unmeasured, and said so. Figures of `strengths.file` go before those that ship; the reference
    of --docs has only the latter.
    """
    import sys

    from plimsoll.cli.catalogue import catalogue, print_catalogue
    from plimsoll.cli.metrics_reference import metrics_reference
    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.terminal import out, print_json
    from plimsoll.domain.metric import Family
    from plimsoll.metrics.own_strengths import own_strengths
    from plimsoll.settings.near import near

    if docs is not None:
        docs.write_text(metrics_reference(), encoding="utf-8")
        return OK
    families = [one.value for one in Family]
    if family and family not in families:
        sys.stderr.write(f"plimsoll: there is no family {family}: {near(family, families)}\n")
        return USAGE
    own = own_strengths(settings_for_command(config).strengths)
    entries = [entry for entry in catalogue(own) if family in ("", entry["family"])]
    if name:
        return _one(entries, name, family, as_json=as_json)
    if as_json:
        print_json(entries)
    else:
        print_catalogue(entries, out())
    return OK


def _one(entries: Sequence[MetricEntry], name: str, family: str, *, as_json: bool) -> int:
    import sys

    from plimsoll.cli.catalogue import print_entry
    from plimsoll.cli.terminal import out, print_json
    from plimsoll.settings.near import near

    named = {entry["name"]: entry for entry in entries}
    if name not in named:
        of = f" of family {family}" if family else ""
        sys.stderr.write(f"plimsoll: there is no metric {name}{of}: {near(name, named)}\n")
        return USAGE
    if as_json:
        print_json(named[name])
    else:
        print_entry(named[name], out())
    return OK

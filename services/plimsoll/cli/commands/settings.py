"""`plimsoll settings` and `plimsoll plan`: what is set, and whether a plan holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plimsoll.cli.failures import OK
from plimsoll.cli.options import AsJson, ConfigFile

_PANEL = "Set up"


def register(app: typer.Typer) -> None:
    """Adds the groups."""
    group = typer.Typer(help="What is set, from where, and what can be set.")
    group.command("show")(show)
    group.command("docs")(docs)
    app.add_typer(group, name="settings", rich_help_panel=_PANEL, no_args_is_help=True)
    plans = typer.Typer(help="The scoring plan: which metrics run for which results.")
    plans.command("check")(check)
    app.add_typer(plans, name="plan", rich_help_panel=_PANEL, no_args_is_help=True)


def show(config: ConfigFile = None, as_json: AsJson = False) -> int:
    """Shows every setting in effect and where it comes from; secrets are masked."""
    from plimsoll.cli.terminal import out, print_json, table
    from plimsoll.settings.masked import shown
    from plimsoll.settings.model import load_with_sources

    rows = shown(*load_with_sources(config))
    if as_json:
        print_json({row.name: {"value": row.value, "from": row.where} for row in rows})
        return OK
    printed = table("setting", "value", "from")
    for row in rows:
        printed.add_row(row.name, "" if row.value is None else str(row.value), row.where)
    out().print(printed)
    return OK


def docs(
    file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Writes there instead.")
    ] = None,
) -> int:
    """Prints the reference of all settings in Markdown."""
    from plimsoll.settings.docs import settings_reference

    text = settings_reference()
    if file is None:
        print(text, end="")
    else:
        file.write_text(text, encoding="utf-8")
    return OK


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A plan (YAML).")],
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Reads a scoring plan and says all that is wrong with it, with line and suggestion.

    Judges that its panels name are those of the settings.
    """
    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.terminal import out, print_json, table
    from plimsoll.metrics.own_strengths import own_strengths
    from plimsoll.metrics.registry import registered_metrics
    from plimsoll.scorer.plans import plan_of

    settings = settings_for_command(config)
    known = [metric.spec.name for metric in registered_metrics()]
    plan = plan_of(settings, file, known, own_strengths(settings.strengths))
    if as_json:
        print_json({"version": plan.version, "rules": [rule.name for rule in plan.rules]})
        return OK
    rows = table("rule", "tenants", "task kinds", "metrics", "policy", "deadline>")
    for rule in plan.rules:
        rows.add_row(
            rule.name,
            ", ".join(sorted(rule.tenants)) or "every",
            ", ".join(sorted(rule.task_kinds)) or "every",
            "every one that has its inputs" if rule.metrics is None else ", ".join(rule.metrics),
            "none: no verdict" if rule.policy is None else rule.policy.name,
            f"{rule.deadline.total_seconds():g} s",
        )
    out().print(rows)
    print(f"plan {plan.version} holds; results are held back for {plan.max_hold} at most")
    return OK

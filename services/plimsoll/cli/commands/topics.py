"""`plimsoll topics`: the topics as data, created where they are missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from plimsoll.cli.failures import FAILED, OK
from plimsoll.cli.options import AsJson, ConfigFile

if TYPE_CHECKING:
    from plimsoll.cli.topics import TopicReport


def register(app: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(help="The topics: what they hold, and whether the cluster has them.")
    group.command("apply")(apply)
    group.command("list")(show)
    group.command("rights")(rights)
    app.add_typer(group, name="topics", rich_help_panel="Set up", no_args_is_help=True)


def apply(
    config: ConfigFile = None,
    partitions: Annotated[
        int | None, typer.Option(min=1, help="For new topics, instead of the catalogue's.")
    ] = None,
    replication: Annotated[
        int | None, typer.Option(min=1, help="For new topics; three, or as many as brokers.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Creates the topics that are missing; says what differs in the others and changes nothing.

    Running it again does nothing. Exit code 1 where a topic must be changed by hand.
    """
    import asyncio

    from plimsoll.adapters.kafka.admin import KafkaAdmin
    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.topics import apply_topics

    settings = settings_for_command(config)

    async def run() -> Sequence[TopicReport]:
        async with KafkaAdmin(settings.kafka) as admin:
            return await apply_topics(admin, settings.topics, partitions, replication)

    return _say(asyncio.run(run()), as_json)


def show(config: ConfigFile = None, as_json: AsJson = False) -> int:
    """Lists the topics of the catalogue as the cluster has them. Exit code 1 where one is amiss."""
    import asyncio

    from plimsoll.adapters.kafka.admin import KafkaAdmin
    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.topics import compare_topics

    settings = settings_for_command(config)

    async def run() -> Sequence[TopicReport]:
        async with KafkaAdmin(settings.kafka) as admin:
            return await compare_topics(admin, settings.topics)

    return _say(asyncio.run(run()), as_json)


def rights(
    principal: Annotated[
        str, typer.Option(help="Whom to name in the lines; COMPONENT stands for the component.")
    ] = "User:CN=COMPONENT",
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Prints the least that each component must be allowed, as lines of kafka-acls.sh.

    Needs no cluster. Topics, groups and their names come from the settings. The lines are for a
    shell, with BROKERS set, beside an admin.properties with which an administrator logs in.
    """
    from plimsoll.cli.acls import PREAMBLE, acl_lines, acls_json
    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.terminal import print_json
    from plimsoll.settings.kafka_rights import kafka_rights

    found = kafka_rights(settings_for_command(config))
    if as_json:
        print_json(acls_json(found))
        return OK
    print(PREAMBLE, end="")
    for line in acl_lines(found, principal):
        print(line)
    return OK


def _say(reports: Sequence[TopicReport], as_json: bool) -> int:
    from plimsoll.cli.terminal import out, print_json, table
    from plimsoll.cli.topics import State

    if as_json:
        print_json(
            [
                {
                    "name": report.name,
                    "role": report.role.role,
                    "state": report.state.value,
                    "partitions": report.partitions,
                    "replication": report.replication,
                    "key": report.role.key,
                    "value": report.role.value,
                    "notes": list(report.notes),
                }
                for report in reports
            ]
        )
    else:
        rows = table("topic", "partitions>", "copies>", "state", "what it holds")
        for report in reports:
            counts = (str(report.partitions or ""), str(report.replication or ""))
            rows.add_row(report.name, *counts, report.state.value, report.role.what)
        out().print(rows)
        for report in reports:
            for note in report.notes:
                out().print(f"{report.name}: {note}", markup=False)
    amiss = any(report.state in (State.BREAKS, State.MISSING, State.HIDDEN) for report in reports)
    return FAILED if amiss else OK

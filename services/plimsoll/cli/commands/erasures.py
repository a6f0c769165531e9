"""`plimsoll erase` and `plimsoll erasures`: what goes for good, and the proof that it has gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from plimsoll.cli.failures import FAILED, OK
from plimsoll.cli.options import AsJson, ConfigFile

if TYPE_CHECKING:
    from plimsoll.cli.erasing import Standing

_PANEL = "Run it"


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(rich_help_panel=_PANEL)(erase)
    group = typer.Typer(help="Orders to erase: which there were, and what proves them.")
    group.command("list")(show_all)
    group.command("show")(show_one)
    app.add_typer(group, name="erasures", rich_help_panel=_PANEL, no_args_is_help=True)


def erase(
    *,
    reason: Annotated[str, typer.Option(help="Why, as a ticket's number; no personal data.")],
    requested_by: Annotated[str, typer.Option(help="Who orders it; no personal data.")],
    tenant: Annotated[str, typer.Option(help="The tenant.")] = "default",
    result: Annotated[str, typer.Option(metavar="RESULT_ID", help="One result.")] = "",
    subject: Annotated[
        str, typer.Option(metavar="SUBJECT_ID", help="All results about somebody.")
    ] = "",
    whole_tenant: Annotated[
        bool, typer.Option("--whole-tenant", help="Everything of the tenant.")
    ] = False,
    erasure_id: Annotated[
        str, typer.Option("--id", help="Names the order; the same ID again changes nothing.")
    ] = "",
    timeout_s: Annotated[
        float, typer.Option("--timeout", min=0, help="Seconds to wait for the proof.")
    ] = 120.0,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Erases a result, all results about somebody, or a whole tenant, for good.

    Publishes the order and waits until an indexer has proven it. Exit code 1 where no proof came
    in time: the order stands, and `plimsoll erasures show` tells when it is done.
    """
    import asyncio
    import sys
    from datetime import UTC, datetime
    from uuid import uuid4

    from plimsoll.cli.erasing import named, order_and_wait
    from plimsoll.cli.erasure_text import say, say_json
    from plimsoll.cli.opening import settings_for_command
    from plimsoll.domain.erasure import ErasureOrder

    what = named(tenant, result, subject, whole_tenant=whole_tenant)
    order = ErasureOrder(erasure_id or str(uuid4()), what, requested_by, reason, datetime.now(UTC))
    receipt = asyncio.run(order_and_wait(settings_for_command(config), order, timeout_s))
    if receipt is None:
        sys.stderr.write(
            f"{order.erasure_id}: ordered, and not proven within {timeout_s:g} s: is an indexer"
            f" running? `plimsoll erasures show {order.erasure_id}` tells when it is\n"
        )
        return FAILED
    (say_json if as_json else say)(receipt)
    return OK


def show_all(config: ConfigFile = None, as_json: AsJson = False) -> int:
    """Lists every order, and whether it is proven. Exit code 1 where one is not."""
    from plimsoll.cli.erasure_text import standing_facts
    from plimsoll.cli.rendering import plain
    from plimsoll.cli.terminal import out, print_json, table

    found = _standings(config)
    if as_json:
        print_json([standing_facts(one) for one in found])
    else:
        rows = table("order", "tenant", "by", "ordered", "proven", "erased")
        for one in found:
            facts = {name: str(value) for name, value in standing_facts(one).items()}
            erased = one.receipt.erased if one.receipt else {}
            rows.add_row(
                plain(one.erasure_id, 80),
                plain(facts["tenant"], 80),
                facts["by"],
                facts["order_time"],
                facts.get("erase_time", "no"),
                ", ".join(f"{name} {count}" for name, count in erased.items()),
            )
        out().print(rows)
        print(f"{sum(one.receipt is not None for one in found)} of {len(found)} orders are proven")
    return OK if all(one.receipt for one in found) else FAILED


def show_one(
    erasure_id: Annotated[str, typer.Argument(metavar="ORDER", help="The order's ID.")],
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Shows one order with its proof. Exit code 1 where there is none yet."""
    from plimsoll.cli.erasure_text import say, standing_facts
    from plimsoll.cli.rendering import plain
    from plimsoll.cli.terminal import print_json
    from plimsoll.domain.errors import ConfigurationError

    found = next((one for one in _standings(config) if one.erasure_id == erasure_id), None)
    if found is None:
        raise ConfigurationError(
            f"there is no order {plain(erasure_id, 80)}: `plimsoll erasures list` names them"
        )
    if as_json:
        print_json(standing_facts(found))
    elif found.receipt is not None:
        say(found.receipt)
    else:
        ordered = standing_facts(found)["order_time"]
        print(f"{plain(erasure_id, 80)}: ordered {ordered}, not proven yet")
    return OK if found.receipt is not None else FAILED


def _standings(config: ConfigFile) -> list[Standing]:
    import asyncio

    from plimsoll.cli.erasing import read_standings
    from plimsoll.cli.opening import settings_for_command

    return list(asyncio.run(read_standings(settings_for_command(config))))

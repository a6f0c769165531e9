"""`plimsoll feedback`: says whether results were right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from plimsoll.cli.failures import OK
from plimsoll.cli.options import AsJson, ConfigFile, Endpoint

if TYPE_CHECKING:
    from plimsoll.cli.label_files import Said
    from plimsoll.domain.feedback import Feedback
    from plimsoll.settings.model import Settings

_Id = Annotated[
    str,
    typer.Argument(
        metavar="[ID]", help="tenant/result_id, or result_id of tenant `default`; or --file."
    ),
]
_File = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Labels of many results: a CSV with the columns result_id and right (1 or 0), grade "
        "or claims, as `plimsoll audit` begins it. A row without a label is passed over; - is "
        "standard input.",
        allow_dash=True,
    ),
]
_Audit = Annotated[
    bool,
    typer.Option(
        "--audit",
        help="Drawn without regard to whether it is right, as by `plimsoll audit`: only such "
        "labels teach.",
    ),
]
_Supersedes = Annotated[
    str, typer.Option(metavar="FEEDBACK_ID", help="The earlier label that this one corrects.")
]

_Claims = Annotated[
    str,
    typer.Option(
        metavar="LABELS",
        help="Whether its claims are true, by the offsets that `plimsoll get` shows: "
        "'0-21:1 22-50:0'; or none, where none is kept.",
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel="Use it")(feedback)


def feedback(
    result_id: _Id = "",
    *,
    right: Annotated[
        bool | None, typer.Option("--right/--wrong", help="Whether the result was right.")
    ] = None,
    grade: Annotated[
        float | None, typer.Option(min=0, max=1, help="A grade instead, from 0 to 1.")
    ] = None,
    claims: _Claims = "",
    file: _File = None,
    audit: _Audit = False,
    source: Annotated[
        str, typer.Option(help="human, execution, downstream or llm: who says so.")
    ] = "human",
    rater: Annotated[str, typer.Option(help="A name for whoever says so.")] = "",
    comment: Annotated[str, typer.Option(help="A remark.")] = "",
    supersedes: _Supersedes = "",
    endpoint: Endpoint = "",
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Publishes labels for results, and waits until the brokers have them.

    Sending a file twice is harmless: the same label counts once, and a row that says right where
    it said wrong, or wrong where it said right, replaces it: what was sent last counts. A bad row
    is named and passed over; the exit code is 1 then.

    Labels of claims count for a filter's promise where every claim that is kept has one, and with
    the first label of a result alone.
    """
    import asyncio

    from plimsoll.cli.label_files import Said
    from plimsoll.cli.labelling import send_file
    from plimsoll.cli.opening import settings_for_command
    from plimsoll.domain.errors import ConfigurationError

    if bool(result_id) == (file is not None):
        raise ConfigurationError("say which result was right: an ID, or --file FILE for many")
    said = Said(source, rater, comment, audit=audit)
    if file is None:
        one = _one(result_id, (right, grade, claims), said, supersedes)
        return asyncio.run(_send(settings_for_command(config), endpoint, one, as_json=as_json))
    if right is not None or grade is not None or supersedes or claims:
        raise ConfigurationError(
            "--right, --wrong, --grade, --claims and --supersedes are columns of a file"
        )
    settings = settings_for_command(config)
    return asyncio.run(send_file(settings, endpoint, file, said, as_json=as_json))


async def _send(settings: Settings, endpoint: str, one: Feedback, *, as_json: bool) -> int:
    import sys

    from plimsoll.adapters.rpc.client import open_client
    from plimsoll.cli.labelling import UNSEEN, UNSEEN_CLAIMS, unlabelled_text
    from plimsoll.cli.terminal import print_json

    async with open_client(settings.sdk, endpoint or settings.query.listen) as client:
        receipt = await client.submit_feedback(one)
    at = receipt.position
    if as_json:
        place = {"topic": at.topic, "partition": at.partition, "offset": at.offset}
        found = {"feedback_id": receipt.feedback_id, **place, "seen": receipt.seen}
        if one.claims is not None:
            found["claims_seen"] = receipt.claims_seen
            found["unlabelled"] = [[claim.start, claim.end] for claim in receipt.unlabelled]
        print_json(found)
    else:
        print(f"{receipt.feedback_id} at {at.topic}-{at.partition}@{at.offset}")
    if one.audit and receipt.seen is False:
        sys.stderr.write(f"this label teaches nothing: {UNSEEN}\n")
    if one.audit and receipt.claims_seen is False:
        sys.stderr.write(f"{UNSEEN_CLAIMS}\n")
    if one.audit and receipt.unlabelled:
        sys.stderr.write(f"{unlabelled_text(receipt)}\n")
    return OK


def _one(
    result_id: str, given: tuple[bool | None, float | None, str], said: Said, supersedes: str
) -> Feedback:
    from plimsoll.cli.claim_cells import parse_claims
    from plimsoll.cli.keys import typed_key
    from plimsoll.cli.label_files import typed_source
    from plimsoll.domain.errors import ConfigurationError
    from plimsoll.domain.feedback import Feedback

    right, grade, text = given
    label = right if right is not None else grade
    try:
        claims = parse_claims(text)
    except ValueError as error:
        raise ConfigurationError(f"--claims: {error}") from error
    if (label is None and claims is None) or (right is not None and grade is not None):
        raise ConfigurationError("say --right, --wrong or --grade, one of them only, or --claims")
    source, key = typed_source(said.source), typed_key(result_id)
    return Feedback(
        "",
        key,
        label,
        source,
        rater=said.rater,
        supersedes=supersedes,
        comment=said.comment,
        audit=said.audit,
        claims=claims,
    )

"""`plimsoll feedback`: says whether a result was right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from plimsoll.cli.failures import OK
from plimsoll.cli.options import AsJson, ConfigFile, Endpoint, ResultId

if TYPE_CHECKING:
    from plimsoll.domain.feedback import Feedback


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel="Use it")(feedback)


def feedback(
    result_id: ResultId,
    *,
    right: Annotated[
        bool | None, typer.Option("--right/--wrong", help="Whether the result was right.")
    ] = None,
    grade: Annotated[
        float | None, typer.Option(min=0, max=1, help="A grade instead, from 0 to 1.")
    ] = None,
    source: Annotated[
        str, typer.Option(help="human, execution, downstream or llm: who says so.")
    ] = "human",
    rater: Annotated[str, typer.Option(help="A name for whoever says so.")] = "",
    comment: Annotated[str, typer.Option(help="A remark.")] = "",
    endpoint: Endpoint = "",
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Publishes a label for a result, and waits until the brokers have it."""
    import asyncio

    from plimsoll.adapters.rpc.answers import LabelReceipt
    from plimsoll.adapters.rpc.client import open_client
    from plimsoll.cli.opening import settings_for_command
    from plimsoll.cli.terminal import print_json
    from plimsoll.domain.errors import ConfigurationError

    label = right if right is not None else grade
    if label is None or (right is not None and grade is not None):
        raise ConfigurationError("say --right, --wrong or --grade, and one of them only")
    said = _said(result_id, label, source, rater, comment)
    settings = settings_for_command(config)
    target = endpoint or settings.query.listen

    async def run() -> LabelReceipt:
        async with open_client(settings.sdk, target) as client:
            return await client.submit_feedback(said)

    receipt = asyncio.run(run())
    at = receipt.position
    if as_json:
        place = {"topic": at.topic, "partition": at.partition, "offset": at.offset}
        print_json({"feedback_id": receipt.feedback_id, **place})
    else:
        print(f"{receipt.feedback_id} at {at.topic}-{at.partition}@{at.offset}")
    return OK


def _said(result_id: str, label: bool | float, source: str, rater: str, comment: str) -> Feedback:
    from plimsoll.cli.keys import typed_key
    from plimsoll.domain.errors import ConfigurationError
    from plimsoll.domain.feedback import Feedback, FeedbackSource
    from plimsoll.settings.near import near

    known = [one.value for one in FeedbackSource if one is not FeedbackSource.UNSPECIFIED]
    if source not in known:
        raise ConfigurationError(f"there is no source {source}: {near(source, known)}")
    return Feedback(
        "", typed_key(result_id), label, FeedbackSource(source), rater=rater, comment=comment
    )

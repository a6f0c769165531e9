"""Sends labels with many in flight, and says what became of each."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Protocol

from plimsoll.adapters.rpc.answers import LabelReceipt
from plimsoll.adapters.rpc.client import open_client
from plimsoll.adapters.rpc.failures import InvalidRequestError
from plimsoll.cli.failures import FAILED, OK
from plimsoll.cli.label_files import LabelRow, Said, read_label_rows, typed_source
from plimsoll.cli.lines import BadLine
from plimsoll.cli.progress import counting
from plimsoll.cli.terminal import print_json
from plimsoll.domain.feedback import Feedback
from plimsoll.settings.model import Settings

_IN_FLIGHT = 50
# What to say of labels of an audit from which nothing can be learned.
UNSEEN = (
    "look-ups show no complete score with a confidence. Is it scored (`plimsoll get`), and of that "
    "tenant (an ID alone is of tenant default)? Then send the same again"
)


UNSEEN_CLAIMS = (
    "look-ups show no promise about claims of that result (`plimsoll get` says why), so nothing is "
    "learned of these labels of claims"
)


UNUSED_CLAIMS = (
    "none is visible for them (`plimsoll get` says why), or a claim that is kept has no label"
)


def unlabelled_text(receipt: LabelReceipt) -> str:
    """Which claims lack a label, as long as nothing is learned of the others for that."""
    places = ", ".join(f"{claim.start}-{claim.end}" for claim in receipt.unlabelled)
    return f"kept claims without a label, so nothing is learned of the others: {places}"


class TakesLabels(Protocol):
    """A client of the query service."""

    async def submit_feedback(self, feedback: Feedback) -> LabelReceipt:
        """Back once the broker has it."""


async def send_labels(
    client: TakesLabels, rows: Iterable[LabelRow | BadLine]
) -> AsyncIterator[LabelReceipt | BadLine | None]:
    """Yields in the order of rows: a receipt, what is wrong, or None where nothing is said.

    Many are under way at once, so they may arrive in another order. What the service refuses of one
    label comes back as a bad line; every other error ends it.
    """
    waiting: deque[asyncio.Task[LabelReceipt | BadLine | None]] = deque()
    try:
        for row in rows:
            waiting.append(asyncio.create_task(_send(client, row)))
            if len(waiting) >= _IN_FLIGHT:
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _send(client: TakesLabels, row: LabelRow | BadLine) -> LabelReceipt | BadLine | None:
    if isinstance(row, BadLine) or row.label is None:
        return row if isinstance(row, BadLine) else None
    try:
        return await client.submit_feedback(row.label)
    except InvalidRequestError as error:
        return BadLine(row.number, " ".join(str(error).split()))


async def send_file(
    settings: Settings, endpoint: str, file: Path, said: Said, *, as_json: bool
) -> int:
    """Sends the labels of a file, names what is wrong with rows, and gives the exit code."""
    typed_source(said.source)
    sent = empty = bad = unseen = claims = 0
    async with open_client(settings.sdk, endpoint or settings.query.listen) as client:
        with counting() as progress:
            task = progress.add_task(f"to {settings.topics.feedback}", total=None)
            async for outcome in send_labels(client, read_label_rows(file, said)):
                progress.advance(task)
                if isinstance(outcome, BadLine):
                    bad += 1
                    sys.stderr.write(f"{file}:{outcome.number}: {outcome.problem}\n")
                elif outcome is None:
                    empty += 1
                else:
                    sent += 1
                    unseen += outcome.seen is False
                    claims += outcome.claims_seen is False or bool(outcome.unlabelled)
    if as_json:
        counts = {"sent": sent, "unseen": unseen, "claims_unused": claims}
        print_json(counts | {"without_label": empty, "bad_rows": bad})
    else:
        print(f"{sent} labels sent and acknowledged, {empty} rows without one, {bad} bad rows")
    if unseen and said.audit:
        sys.stderr.write(f"{unseen} of these labels teach nothing: {UNSEEN}\n")
    if claims and said.audit:
        sys.stderr.write(f"{claims} rows say nothing of a promise about claims: {UNUSED_CLAIMS}\n")
    return FAILED if bad else OK

"""The lease of whoever asks a judge: renewed for as long as the asking takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from plimsoll.domain.errors import RetryableError
from plimsoll.ports.clock import Clock
from plimsoll.ports.memo import JudgeMemo

_log = structlog.get_logger(__name__)

# Two renewals may fail before the third comes too late.
_RENEWALS_PER_LEASE = 3


@asynccontextmanager
async def renewed(
    memo: JudgeMemo, key: tuple[str, str], lease: timedelta, clock: Clock
) -> AsyncIterator[None]:
    """Renews the lease that the caller has while the block runs, and lets it go at its end.

    So nobody else asks the same for as long as this process lives, however long it waits for the
    judge; one that died holds others up no longer than the lease. Where the store is away the
    lease may run out meanwhile: a second call costs money, and the first reply stands.
    """
    over = asyncio.Event()
    renewing = asyncio.ensure_future(_renew(memo, key, lease, clock, over))
    try:
        yield
    finally:
        # Not cancelled: a write that is interrupted may arrive after the lease was let go.
        over.set()
        (end,) = await asyncio.gather(renewing, return_exceptions=True)
        await let_go(memo, key)
    if isinstance(end, Exception):
        raise end


async def let_go(memo: JudgeMemo, key: tuple[str, str]) -> None:
    """Nobody waits for what is left behind here longer than the lease lasts."""
    try:
        await memo.let_go(*key)
    except RetryableError as error:
        _log.info("judge.lease.kept", error=str(error))


async def _renew(
    memo: JudgeMemo, key: tuple[str, str], lease: timedelta, clock: Clock, over: asyncio.Event
) -> None:
    ended = asyncio.ensure_future(over.wait())
    try:
        while True:
            pause = asyncio.ensure_future(clock.sleep(lease.total_seconds() / _RENEWALS_PER_LEASE))
            await asyncio.wait({ended, pause}, return_when=asyncio.FIRST_COMPLETED)
            pause.cancel()
            if over.is_set():
                return
            try:
                if not await memo.lead(*key, lease):
                    _log.warning("judge.lease.lost", lease_s=lease.total_seconds())
                    return
            except RetryableError as error:
                _log.info("judge.lease.not_renewed", error=str(error))
    finally:
        ended.cancel()

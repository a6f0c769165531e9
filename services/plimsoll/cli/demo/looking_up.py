"""Looks every result up by its ID, alone and in batches."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from plimsoll.adapters.rpc.answers import ConfidenceRecord, View
from plimsoll.adapters.rpc.client import ConfidenceClient
from plimsoll.adapters.rpc.failures import LookUpError
from plimsoll.cli.demo.facts import LookedUp
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.scored import ScoredResult

_AT_ONCE = 16
_BATCH = 100


async def look_all_up(client: ConfidenceClient, keys: Collection[ResultKey]) -> LookedUp:
    """Counts those that both kinds of look-up found, with the same score."""
    began = asyncio.get_running_loop().time()
    gate = asyncio.Semaphore(_AT_ONCE)

    async def alone(key: ResultKey) -> str:
        async with gate:
            try:
                found = await client.get(key, view=View.SUMMARY)
            except LookUpError:
                return ""
            return found.scored.score_id

    ids = dict(zip(keys, await asyncio.gather(*map(alone, keys)), strict=True))
    scored: dict[ResultKey, ScoredResult] = {}
    for tenant, result_ids in _batches(keys):
        for answer in await client.batch_get(tenant, result_ids, view=View.FULL):
            if isinstance(answer, ConfidenceRecord):
                scored[answer.scored.key] = answer.scored
    agreeing = sum(key in scored and scored[key].score_id == ids[key] for key in keys)
    return LookedUp(agreeing, asyncio.get_running_loop().time() - began, scored)


def _batches(keys: Collection[ResultKey]) -> Iterator[tuple[str, Sequence[str]]]:
    by_tenant: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        by_tenant[key.tenant].append(key.result_id)
    for tenant, result_ids in by_tenant.items():
        for start in range(0, len(result_ids), _BATCH):
            yield tenant, result_ids[start : start + _BATCH]

"""Looks every result up by its ID, alone and in batches."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from plimsoll.adapters.rpc.answers import ConfidenceRecord, View
from plimsoll.adapters.rpc.client import ConfidenceClient
from plimsoll.adapters.rpc.failures import LookUpError
from plimsoll.cli.demo.facts import LookedUp
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.scored import ScoredResult

_AT_ONCE = 16
_BATCH = 100
# Of asking again what may have been scored again meanwhile.
_ROUNDS = 5


async def look_all_up(client: ConfidenceClient, keys: Collection[ResultKey]) -> LookedUp:
    """Counts those that both kinds of look-up found, with the same score.

    A later revision may become visible between the two: where they differ both are asked again.
    """
    began = asyncio.get_running_loop().time()
    scored: dict[ResultKey, ScoredResult] = {}
    differing = list(keys)
    for _ in range(_ROUNDS):
        ids = await _alone(client, differing)
        scored |= await _in_batches(client, differing)
        differing = [k for k in differing if k not in scored or scored[k].score_id != ids[k]]
        if not differing:
            break
    seconds = asyncio.get_running_loop().time() - began
    return LookedUp(len(keys) - len(differing), seconds, scored)


async def _alone(client: ConfidenceClient, keys: Sequence[ResultKey]) -> Mapping[ResultKey, str]:
    """The ID of the score that each has; empty where it has none."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(key: ResultKey) -> str:
        async with gate:
            try:
                found = await client.get(key, view=View.SUMMARY)
            except LookUpError:
                return ""
            return found.scored.score_id

    return dict(zip(keys, await asyncio.gather(*map(one, keys)), strict=True))


async def _in_batches(
    client: ConfidenceClient, keys: Sequence[ResultKey]
) -> dict[ResultKey, ScoredResult]:
    """The score of each that has one."""
    scored: dict[ResultKey, ScoredResult] = {}
    for tenant, result_ids in _batches(keys):
        for answer in await client.batch_get(tenant, result_ids, view=View.FULL):
            if isinstance(answer, ConfidenceRecord):
                scored[answer.scored.key] = answer.scored
    return scored


def _batches(keys: Collection[ResultKey]) -> Iterator[tuple[str, Sequence[str]]]:
    by_tenant: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        by_tenant[key.tenant].append(key.result_id)
    for tenant, result_ids in by_tenant.items():
        for start in range(0, len(result_ids), _BATCH):
            yield tenant, result_ids[start : start + _BATCH]

"""Look-ups by ID, one or many, and scores as they become visible."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta

from plimsoll.adapters.rpc.answers import ConfidenceRecord, View
from plimsoll.adapters.rpc.client import ConfidenceClient
from plimsoll.adapters.rpc.failures import InvalidRequestError, LookUpError
from plimsoll.domain.identity import ResultKey, parse_key, result_id_problem, tenant_problem
from plimsoll.domain.record import Position
from plimsoll.ports.store import ScoreFilter
from plimsoll.sdk.found import Missing, MissingReason, Watched

_SOURCE = re.compile(r"(?P<topic>.+)-(?P<partition>\d+)@(?P<offset>\d+)#(?P<index>\d+)")


class Lookups:
    """Asks the query service. A result without a score is an answer here, not an exception.

    RetryableError where the service does not answer, FatalError where it refuses this client, and
    ValueError for what cannot be asked.
    """

    def __init__(self, client: ConfidenceClient) -> None:
        self._client = client

    async def look_up(
        self, key: ResultKey, wait: timedelta, view: View
    ) -> ConfidenceRecord | Missing:
        """One result's visible score, or why there is none; waits up to `wait` for it."""
        try:
            return await self._client.get(key, wait=wait, view=view)
        except LookUpError as error:
            return _missing(key, error)
        except InvalidRequestError as error:
            raise ValueError(str(error)) from error

    async def get(
        self, result_id: str, tenant: str, wait: timedelta, view: View
    ) -> ConfidenceRecord | Missing:
        """As `look_up`; `result_id` may be written as `tenant/result_id`."""
        return await self.look_up(parse_key(result_id, tenant), wait, view)

    async def batch_get(
        self, result_ids: Sequence[str], tenant: str, view: View
    ) -> tuple[ConfidenceRecord | Missing, ...]:
        """Up to 100 look-ups of one tenant, answered in the order asked."""
        for result_id in result_ids:
            problem = tenant_problem(tenant) or result_id_problem(result_id)
            if problem:
                raise ValueError(problem)
        try:
            answers = await self._client.batch_get(tenant, result_ids, view=view)
        except InvalidRequestError as error:
            raise ValueError(str(error)) from error
        return tuple(
            _missing(ResultKey(tenant, result_id), answer)
            if isinstance(answer, LookUpError)
            else answer
            for result_id, answer in zip(result_ids, answers, strict=True)
        )

    async def watch(
        self, where: ScoreFilter, resume_token: str, view: View, *, from_start: bool = False
    ) -> AsyncGenerator[Watched, None]:
        """Scores as they become visible, from a token or from now on; reconnects by itself."""
        events = self._client.watch(
            where, resume_token=resume_token, from_start=from_start, view=view
        )
        try:
            async for event in events:
                if event.record is not None:  # else a sign of life
                    yield Watched(event.record, event.resume_token)
        except InvalidRequestError as error:
            raise ValueError(str(error)) from error

    async def close(self) -> None:
        """Disconnects; never raises."""
        await self._client.close()


def _missing(key: ResultKey, error: LookUpError) -> Missing:
    try:
        reason = MissingReason(error.reason.lower())
    except ValueError:
        reason = MissingReason.OTHER
    return Missing(key, reason, str(error), _source(error.metadata.get("source", "")))


def _source(text: str) -> Position | None:
    found = _SOURCE.fullmatch(text)
    if found is None:
        return None
    at = {name: int(found[name]) for name in ("partition", "offset", "index")}
    return Position(found["topic"], **at)

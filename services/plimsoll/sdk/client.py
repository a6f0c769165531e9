"""The client: publish, subscribe, look up, watch and gate, connecting where it is needed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Self
from uuid import uuid4

from plimsoll.adapters.rpc.answers import ConfidenceRecord, View
from plimsoll.domain.confidence import Verdict
from plimsoll.domain.identity import DEFAULT_TENANT
from plimsoll.domain.record import Position
from plimsoll.domain.result import LlmResult
from plimsoll.ports.store import ScoreFilter
from plimsoll.sdk.answers import GateAnswer, GateRule, GateStats
from plimsoll.sdk.choices import chosen
from plimsoll.sdk.found import Missing, Watched
from plimsoll.sdk.gate import Gate
from plimsoll.sdk.intake import StartAt
from plimsoll.sdk.lookups import Lookups
from plimsoll.sdk.publisher import Publisher
from plimsoll.sdk.selection import OnAbsent, Selection
from plimsoll.sdk.subscription import Ack, Subscription, SubscriptionOptions
from plimsoll.sdk.wiring import Wiring
from plimsoll.settings.model import Settings, load_settings

_NO_WAIT = timedelta(0)


class Plimsoll:
    """One client for a service; use it with `async with`, and keep it for the service's life.

    What is not given comes from the environment (`PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS`,
    `PLIMSOLL_SDK__QUERY` and the rest of `plimsoll.settings`) or the file that `PLIMSOLL_CONFIG`
    names. Making it connects to nothing: the first call that needs a connection makes it.

        >>> async def may_show(plimsoll: Plimsoll, result: LlmResult) -> bool:
        ...     answer = await plimsoll.gate(result, deadline=timedelta(seconds=2))
        ...     return answer.verdict is Verdict.ACCEPT
    """

    def __init__(
        self,
        *,
        bootstrap_servers: str | None = None,
        query: str | None = None,
        settings: Settings | None = None,
    ) -> None:
        self._wiring = Wiring(settings or load_settings(), bootstrap_servers, query)
        self._publisher = self._wiring.publisher()
        self._lookups = self._wiring.lookups()
        self._gate = Gate(self._publisher, self._lookups)
        self._subscriptions: list[Subscription] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Leaves every group and disconnects; never raises."""
        for subscription in self._subscriptions:
            await subscription.close()
        await self._wiring.close()

    @property
    def publisher(self) -> Publisher:
        """What `publish` and `publish_many` use."""
        return self._publisher

    @property
    def lookups(self) -> Lookups:
        """What `get`, `batch_get` and `watch` use."""
        return self._lookups

    @property
    def gate_stats(self) -> GateStats:
        """How many answers each cause has decided since this client was made."""
        return self._gate.stats

    async def publish(self, result: LlmResult, *, traceparent: str = "") -> Position:
        """Sends a result for scoring; gives where the broker put it. Errors: see `Publisher`."""
        return await self._publisher.publish(result, traceparent=traceparent)

    def publish_many(self, results: Iterable[LlmResult]) -> AsyncIterator[Position]:
        """Sends results in order with many in flight; yields each one's position."""
        return self._publisher.publish_many(results)

    def subscribe(
        self,
        *,
        min_lower_bound: float | None = None,
        on_absent: OnAbsent | str = OnAbsent.SKIP,
        tenant: str | None = None,
        group_id: str = "",
        start: StartAt | str = StartAt.END,
        ack: Ack | str = Ack.ON_NEXT,
        stop_when_idle: timedelta | None = None,
    ) -> Subscription:
        """A stream of visible scores; see `Subscription` for what it promises.

        `min_lower_bound` in [0, 1] passes over events whose lower bound is less, by their headers;
        `on_absent` says whether those without a confidence are delivered then. Members with the
        same `group_id` share the partitions and go on where the group left off; an empty one reads
        for itself and commits nothing. `start` holds where a group has no offsets yet. With
        `stop_when_idle` the stream ends when nothing has come for so long.
        """
        options = SubscriptionOptions(
            ack=chosen(Ack, ack, "ack"),
            ephemeral=not group_id,
            buffer_events=self._wiring.buffer_events,
            stop_when_idle=stop_when_idle,
        )
        subscription = self._wiring.subscription(
            Selection(min_lower_bound, chosen(OnAbsent, on_absent, "on_absent"), tenant),
            chosen(StartAt, start, "start"),
            group_id or f"plimsoll-sdk-{uuid4()}",
            options,
        )
        self._subscriptions = [one for one in self._subscriptions if not one.closed]
        self._subscriptions.append(subscription)
        return subscription

    async def get(
        self,
        result_id: str,
        *,
        tenant: str = DEFAULT_TENANT,
        wait: timedelta = _NO_WAIT,
        view: View | str = View.SCORES,
    ) -> ConfidenceRecord | Missing:
        """One result's visible score, or why there is none; waits up to `wait` for it."""
        return await self._lookups.get(result_id, tenant, wait, chosen(View, view, "view"))

    async def batch_get(
        self,
        result_ids: Sequence[str],
        *,
        tenant: str = DEFAULT_TENANT,
        view: View | str = View.SCORES,
    ) -> tuple[ConfidenceRecord | Missing, ...]:
        """Up to 100 look-ups at once, answered in the order asked."""
        return await self._lookups.batch_get(result_ids, tenant, chosen(View, view, "view"))

    def watch(
        self,
        *,
        resume_token: str = "",
        from_start: bool = False,
        tenant: str | None = None,
        min_lower_bound: float | None = None,
        view: View | str = View.SUMMARY,
    ) -> AsyncGenerator[Watched, None]:
        """Scores as they become visible, from a token or from now on; it reconnects by itself.

        `from_start` begins with what is in the store where there is no token. Close it with
        `contextlib.aclosing` where the loop is left early.
        """
        where = ScoreFilter(tenant=tenant, min_lower_bound=min_lower_bound)
        return self._lookups.watch(
            where, resume_token, chosen(View, view, "view"), from_start=from_start
        )

    async def gate(
        self,
        result: LlmResult,
        *,
        deadline: timedelta,
        on_missing: Verdict | str = Verdict.REVIEW,
        accept_lower_bound: float = 0.7,
        reject_upper_bound: float = 0.0,
    ) -> GateAnswer:
        """Publishes a result, waits for its score, and answers by the deadline, come what may.

        Where the event carries a policy's verdict, that is the answer. Else the interval decides:
        accept from `accept_lower_bound` on, reject where the upper bound is below
        `reject_upper_bound`, review between. Whatever leaves no score gives `on_missing`.
        ValueError for bad input, before anything is sent; nothing else is raised.
        """
        rule = GateRule(
            deadline,
            chosen(Verdict, on_missing, "on_missing"),
            accept_lower_bound,
            reject_upper_bound,
        )
        return await self._gate.ask(result, rule)

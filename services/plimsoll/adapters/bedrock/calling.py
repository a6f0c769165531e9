"""One attempt: a call of the client on a thread, and its errors in Plimsoll's words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError

from plimsoll.adapters.bedrock.client import Connection, connect
from plimsoll.adapters.bedrock.faults import CALL_ERRORS, code_of, fault_of, request_id_of
from plimsoll.adapters.bedrock.threads import CallThreads, DeadlineError, NoThreadError
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judge_errors import (
    FaultKind,
    JudgeFaultError,
    JudgeMisconfiguredError,
)
from plimsoll.domain.judging import NOTHING_USED, UNKNOWN_USAGE, JudgeUsage
from plimsoll.ports.judge_telemetry import JUDGE_THREADS_ABANDONED
from plimsoll.ports.telemetry import Telemetry
from plimsoll.settings.judges import BedrockSettings

_LONGEST_DELAY_S = 60.0
_LATE = Absence(AbsenceReason.TIMED_OUT, "no answer within the deadline")


@dataclass(frozen=True, slots=True)
class Ended:
    """A call without an answer: why, what Bedrock said in words, and what it has cost.

    The words are for `refusals` only; they never leave the adapter.
    """

    absence: Absence
    usage: JudgeUsage
    latency: timedelta
    code: str = ""
    message: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the client gave back."""

    answer: Mapping[str, Any]
    latency: timedelta


class Caller:
    """Calls one client on its threads."""

    def __init__(self, name: str, settings: BedrockSettings, telemetry: Telemetry) -> None:
        self._name = name
        self._connection: Connection = connect(settings)
        self._threads = CallThreads(settings.permits, f"judge-{name}")
        self._telemetry = telemetry

    @property
    def connection(self) -> Connection:
        """The client and its transport."""
        return self._connection

    @property
    def abandoned(self) -> int:
        """Threads under way that nobody waits for."""
        return self._threads.abandoned

    async def call(
        self,
        operation: Callable[..., dict[str, Any]],
        arguments: Mapping[str, Any],
        deadline_s: float,
    ) -> Answered | Ended:
        """Calls once; raises JudgeFaultError and JudgeMisconfiguredError."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        ends_at = time.monotonic() + deadline_s

        def work() -> dict[str, Any]:
            with self._connection.transport.until(ends_at):
                return operation(**arguments)

        def took() -> timedelta:
            return timedelta(seconds=loop.time() - began)

        try:
            answer = await self._threads.run(work, deadline_s)
        except NoThreadError:
            absence = Absence(AbsenceReason.THROTTLED, "every permit was in use until the deadline")
            return Ended(absence, NOTHING_USED, took())
        except DeadlineError:
            self._telemetry.count(JUDGE_THREADS_ABANDONED, (self._name,))
            return Ended(_LATE, UNKNOWN_USAGE, took())
        except CALL_ERRORS as error:
            # Whatever became of the connection: the call's own time was over by then.
            if isinstance(error, HTTPClientError) and took().total_seconds() >= deadline_s:
                return Ended(_LATE, UNKNOWN_USAGE, took())
            return _ended(error, took())
        return Answered(answer, took())

    def close(self) -> None:
        """Takes no more calls."""
        self._threads.close()
        self._connection.transport.close()


def _ended(error: BaseException, latency: timedelta) -> Ended:
    """The end that an error stands for, or what it raises.

    Nothing is chained: botocore's messages may quote signed headers, or the request.
    """
    fault, code = fault_of(error), code_of(error)
    absence = Absence(fault.reason, code)
    request_id = request_id_of(error.response) if isinstance(error, ClientError) else ""
    asked = f" (request {request_id})" if request_id else ""
    if fault.kind is FaultKind.CONFIGURATION:
        raise JudgeMisconfiguredError(
            code,
            f"bedrock answers {code}{asked}: check credentials, bedrock.region, that "
            "bedrock.judges names models (or profiles) of that region, and that the role may "
            "invoke them",
        ) from None
    if fault.kind is not None:
        delay = max(fault.delay, _asked_delay(error))
        raise JudgeFaultError(
            fault.kind, code, delay, absence, fault.usage, request_id=request_id
        ) from None
    message = ""
    if isinstance(error, ClientError):
        message = str(error.response.get("Error", {}).get("Message", ""))
    return Ended(absence, fault.usage, latency, code, message, request_id)


def _asked_delay(error: BaseException) -> timedelta:
    """What the service asks for, in seconds or, in its own header, milliseconds; up to a minute."""
    if not isinstance(error, ClientError):
        return timedelta(0)
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    for name, unit_s in (("retry-after", 1.0), ("x-amz-retry-after", 0.001)):
        text = str(headers.get(name, ""))
        if text.isascii() and text.isdigit() and len(text) < 10:
            return timedelta(seconds=min(_LONGEST_DELAY_S, int(text) * unit_s))
    return timedelta(0)

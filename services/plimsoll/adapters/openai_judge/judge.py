"""A judge behind an endpoint of OpenAI's kind: one request a call, cancelled at its deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import orjson

from plimsoll.adapters.openai_judge.faults import CALL_ERRORS, of_answer, of_class
from plimsoll.adapters.openai_judge.replies import to_reply
from plimsoll.adapters.openai_judge.requests import Prepared, prepare
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judging import NOTHING_USED, JudgeCall, JudgeReply, JudgeTraits
from plimsoll.settings.judges import OpenAiSettings

MOST_BYTES = 4 * 1024 * 1024
_CHUNK_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: object


class OpenAiJudge:
    """A `JudgeModel` with connections of its own; made on the loop that uses it."""

    def __init__(self, settings: OpenAiSettings) -> None:
        self._settings = settings
        self._url = f"{settings.endpoint_url.rstrip('/')}/chat/completions"
        self._free = asyncio.Semaphore(settings.permits)
        self._session: aiohttp.ClientSession | None = None
        self._traits = JudgeTraits(
            temperature=settings.temperature, logprobs=settings.top_logprobs > 0
        )

    def traits(self, model: str) -> JudgeTraits:  # noqa: ARG002 - one endpoint, one kind of model
        """As the settings say."""
        return self._traits

    async def ask(self, call: JudgeCall, deadline_s: float) -> JudgeReply:
        """One request for a completion."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        prepared = prepare(call, self._settings)
        started = False
        try:
            async with asyncio.timeout_at(began + max(0.0, deadline_s)), self._free:
                started = True
                try:
                    answer = await self._post(prepared.body)
                except CALL_ERRORS as error:
                    # Nothing is chained: aiohttp's messages may quote the URL, or headers.
                    raise of_class(error) from None
        except TimeoutError:
            return _late(prepared, timedelta(seconds=loop.time() - began), started=started)
        return _read(answer, prepared, timedelta(seconds=loop.time() - began))

    async def close(self) -> None:
        """Closes connections."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, body: bytes) -> _Answer:
        async with self._connected().post(self._url, data=body, allow_redirects=False) as response:
            chunks: list[bytes] = []
            size = 0
            async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
                chunks.append(chunk)
                size += len(chunk)
                if size > MOST_BYTES:
                    raise ValueError(f"more than {MOST_BYTES} bytes")
            found = b"".join(chunks)
            if response.status != 200:
                return _Answer(response.status, response.headers, _or_nothing(found))
            return _Answer(200, response.headers, orjson.loads(found))

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            settings = self._settings
            # An answer that was packed small could be large: its bytes are counted as they come.
            headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
            key = settings.api_key.get_secret_value()
            if key:
                headers["Authorization"] = f"Bearer {key}"
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=settings.permits),
                headers=headers,
                timeout=aiohttp.ClientTimeout(
                    total=None,
                    sock_connect=settings.connect_timeout_s,
                    sock_read=settings.read_timeout_s,
                ),
                auto_decompress=False,
            )
        return self._session


def _read(answer: _Answer, prepared: Prepared, latency: timedelta) -> JudgeReply:
    if answer.status == 200:
        try:
            request_id = answer.headers.get("x-request-id", "")
            return to_reply(answer.body, prepared, request_id, latency)
        except ValueError as error:
            raise of_class(error) from None
    end = of_answer(answer.status, answer.headers, answer.body, prepared.sent)
    if isinstance(end, Absence):
        return JudgeReply(end, usage=NOTHING_USED, latency=latency, dropped=prepared.dropped)
    raise end


def _late(prepared: Prepared, latency: timedelta, *, started: bool) -> JudgeReply:
    if not started:
        absence = Absence(AbsenceReason.THROTTLED, "every permit was in use until the deadline")
        return JudgeReply(absence, usage=NOTHING_USED, latency=latency, dropped=prepared.dropped)
    absence = Absence(AbsenceReason.TIMED_OUT, "no answer within the deadline")
    return JudgeReply(absence, latency=latency, dropped=prepared.dropped)


def _or_nothing(found: bytes) -> object:
    """An error's body, where it is JSON."""
    try:
        body: object = orjson.loads(found)
    except orjson.JSONDecodeError:
        return None
    return body

"""A small endpoint of OpenAI's kind, on a real socket, that answers what a test tells it to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import web


def completion(**changes: Any) -> dict[str, Any]:
    """A whole answer with a call of the tool; `finish_reason` and `message` go into its choice."""
    verdict = {"rationale": "r", "verdict": "pass", "score": 4, "nonce": "n0nce-4711"}
    call = {"function": {"name": "record_verdict", "arguments": json.dumps(verdict)}}
    choice = {
        "finish_reason": changes.pop("finish_reason", "stop"),
        "message": changes.pop("message", {"content": None, "tool_calls": [call]}),
        "logprobs": changes.pop("logprobs", None),
    }
    usage = {"prompt_tokens": 90, "completion_tokens": 20}
    return {"id": "c-1", "model": "m", "choices": [choice], "usage": usage, **changes}


class Completions:
    """Answers every request alike; `requests` and `headers` are what it was sent."""

    def __init__(
        self,
        status: int = 200,
        body: Any = None,
        how: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._status = status
        self._body = completion() if body is None else body
        self._how = how
        self._headers = headers or {}
        self._runner: web.AppRunner | None = None
        self.requests: list[dict[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self.url = ""

    def play(self, status: int = 200, body: Any = None, how: str = "") -> None:
        """Answers otherwise from now on."""
        self._status, self._how = status, how
        self._body = completion() if body is None else body

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port, *_ = self._runner.addresses[0]
        self.url = f"http://{host}:{port}/v1"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(await request.json())
        self.headers.append(dict(request.headers))
        body = self._body if isinstance(self._body, bytes) else json.dumps(self._body).encode()
        if self._how == "hang":
            await asyncio.Event().wait()
        if self._how == "reset" and request.transport is not None:
            request.transport.close()
        answer = web.StreamResponse(status=self._status, headers=self._headers)
        if self._how == "drip":
            await answer.prepare(request)
            while request.transport is not None and not request.transport.is_closing():
                await answer.write(b" ")
                await asyncio.sleep(0.01)
            return answer
        if self._how == "half":
            answer.content_length = len(body)
            await answer.prepare(request)
            await answer.write(body[: len(body) // 2])
            if request.transport is not None:
                request.transport.close()
            return answer
        return web.Response(body=body, status=self._status, headers=self._headers)

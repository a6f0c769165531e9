"""Answers as bytes, and all the ways in which they do not arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import orjson
from aiohttp import web

from plimsoll.adapters.emulator.faults import ErrorAnswer

_HUGE_BYTES = 5 * 1024 * 1024
_DEEP = 100_000
_LOOK_S = 0.05


def whole(body: Mapping[str, Any]) -> web.Response:
    """An answer as it should be."""
    return _json(orjson.dumps(body))


def error(answer: ErrorAnswer) -> web.Response:
    """An error of the service."""
    headers = {"x-amzn-ErrorType": answer.code, "x-amzn-RequestId": str(uuid4())}
    body = orjson.dumps({"message": answer.message})
    return web.Response(
        body=body, status=answer.status, headers=headers, content_type="application/json"
    )


async def broken(
    request: web.Request, how: str, body: Mapping[str, Any], drip_s: float
) -> web.StreamResponse:
    """An answer in one of the ways of `faults.OnTheWire`."""
    if how == "hang":
        while not _is_gone(request):  # noqa: ASYNC110 - aiohttp has no event for it
            await asyncio.sleep(_LOOK_S)
        return web.Response()
    if how == "reset":
        return _cut(request, web.Response())
    if how in {"half_body", "drip"}:
        return await _slowly(request, how, orjson.dumps(body), drip_s)
    if how == "gateway":
        return web.Response(status=503, text="<html>bad gateway</html>", content_type="text/html")
    return _json(_bytes(how, body))


def _bytes(how: str, body: Mapping[str, Any]) -> bytes:
    texts = {
        "garbage": b"\x00\xff not JSON \xfe",
        "empty": b"",
        "not_object": b"[1, 2]",
        "not_finite": b'{"stopReason": "tool_use", "usage": {"inputTokens": NaN}}',
        "deep": b'{"output": ' + b"[" * _DEEP + b"]" * _DEEP + b"}",
        "huge": b'{"output": "' + b"x" * _HUGE_BYTES + b'"}',
        "wrong_shape": orjson.dumps({**body, "usage": "many", "output": ["a", 1]}),
    }
    return texts[how]


async def _slowly(request: web.Request, how: str, body: bytes, drip_s: float) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"x-amzn-RequestId": str(uuid4())})
    answer.content_type = "application/json"
    if how == "half_body":
        answer.content_length = len(body)
        await answer.prepare(request)
        await answer.write(body[: len(body) // 2])
        return _cut(request, answer)
    await answer.prepare(request)
    # JSON may begin with any amount of white space, so this never ends and is never wrong.
    while not _is_gone(request):
        await answer.write(b" ")
        await asyncio.sleep(drip_s)
    return answer


def _is_gone(request: web.Request) -> bool:
    """Whether nobody listens any longer; aiohttp does not cancel a handler for it."""
    return request.transport is None or request.transport.is_closing()


def _cut(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.close()
    return answer


def _json(body: bytes) -> web.Response:
    return web.Response(
        body=body, headers={"x-amzn-RequestId": str(uuid4())}, content_type="application/json"
    )

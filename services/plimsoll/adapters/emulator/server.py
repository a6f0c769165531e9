"""The emulator's HTTP server: Bedrock's own paths, and two of its own to watch and steer it."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

import orjson
from aiohttp import web
from pydantic import ValidationError

from plimsoll.adapters.emulator.journal import Journal
from plimsoll.adapters.emulator.operations import Operations
from plimsoll.adapters.emulator.scripts import Script

_MOST_BODY_BYTES = 25 * 1024 * 1024


class Emulator:
    """`async with Emulator(script) as emulator:` answers at `emulator.url` until it is left."""

    def __init__(self, script: Script, port: int = 0, host: str = "127.0.0.1") -> None:
        self._operations = Operations(script, time.monotonic)
        self._address = (host, port)
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """What goes into `bedrock.endpoint_url`."""
        return f"http://{self._address[0]}:{self._address[1]}"

    @property
    def journal(self) -> Journal:
        """What it has seen."""
        return self._operations.journal

    def play(self, script: Script) -> None:
        """Another script, from its beginning, with fresh quotas."""
        self._operations.play(script)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_MOST_BODY_BYTES)
        app.router.add_post("/model/{model}/converse", self._operations.converse)
        app.router.add_post("/model/{model}/count-tokens", self._operations.count_tokens)
        app.router.add_post(
            "/guardrail/{guardrail}/version/{version}/apply", self._operations.guardrail
        )
        app.router.add_get("/emulator/journal", self._show_journal)
        app.router.add_delete("/emulator/journal", self._clear_journal)
        app.router.add_put("/emulator/script", self._take_script)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, *self._address, backlog=2_048)
        await site.start()
        host, port, *_ = self._runner.addresses[0]
        self._address = (host, port)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _show_journal(self, _: web.Request) -> web.Response:
        body = orjson.dumps(self.journal.document())
        return web.Response(body=body, content_type="application/json")

    async def _clear_journal(self, _: web.Request) -> web.Response:
        self.journal.clear()
        return web.Response(status=204)

    async def _take_script(self, request: web.Request) -> web.Response:
        try:
            self.play(Script.model_validate_json(await request.read()))
        except ValidationError as error:
            return web.Response(status=400, text=str(error))
        return web.Response(status=204)

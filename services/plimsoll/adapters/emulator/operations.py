"""The operations of Bedrock's runtime, as an emulator answers them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from aiohttp import web

from plimsoll.adapters.emulator import grounding, wire
from plimsoll.adapters.emulator.acting import Stage
from plimsoll.adapters.emulator.answers import Drafted, draft
from plimsoll.adapters.emulator.drawing import between
from plimsoll.adapters.emulator.faults import STOP, THROTTLED, ErrorAnswer, OnTheWire, fault
from plimsoll.adapters.emulator.journal import Entry, Journal
from plimsoll.adapters.emulator.questions import Question, read_question, tokens
from plimsoll.adapters.emulator.quota import ModelQuota
from plimsoll.adapters.emulator.scripts import Script
from plimsoll.adapters.emulator.shapes import ServiceShapes
from plimsoll.adapters.emulator.signing import signature_problem


class Operations:
    """Plays one script at a time, and writes every call into the journal."""

    def __init__(self, script: Script, now: Callable[[], float]) -> None:
        self.journal = Journal(now)
        self._now = now
        self._stage = Stage(script)
        self._shapes = ServiceShapes()
        self._quotas: dict[str, ModelQuota] = {}

    def play(self, script: Script) -> None:
        """Another script, from its beginning, with fresh quotas."""
        self._stage = Stage(script)
        self._quotas.clear()

    async def converse(self, request: web.Request) -> web.StreamResponse:
        """One call of Converse."""
        model = request.match_info["model"]
        entry = self.journal.open("Converse", model)
        try:
            body = await self._body(request, "Converse", {"modelId": model})
            if isinstance(body, ErrorAnswer):
                return _refuse(entry, body)
            question = read_question(model, body)
            entry.parameters = sorted(question.parameters)
            return await self._answer(request, entry, question)
        finally:
            self.journal.close(entry)

    async def _answer(
        self, request: web.Request, entry: Entry, question: Question
    ) -> web.StreamResponse:
        quota = self._quota(question.model)
        reserved = question.input_tokens + question.max_tokens
        if not quota.admit(reserved):
            return _refuse(entry, THROTTLED)
        entry.reserved_tokens = reserved
        drafted: Drafted | None = None
        try:
            script, seen = self._stage.script, self._stage.seen(question.digest)
            name = self._stage.fault(question.model, question.asked, question.digest, seen)
            refused = fault(name) if name else self._stage.refusal(question)
            await asyncio.sleep(between(*script.latency_ms, question.digest, seen) / 1_000)
            if isinstance(refused, ErrorAnswer):
                return _refuse(entry, refused)
            cached = bool(question.cached_tokens) and self._stage.is_cached(question)
            plain = "" if isinstance(refused, OnTheWire) else name
            drafted = draft(script, question, seen, cached, plain)
            return await self._send(request, entry, drafted, refused, name)
        finally:
            entry.settled_tokens = drafted.used_tokens if drafted is not None else 0.0
            quota.settle(reserved, entry.settled_tokens)

    async def _send(
        self, request: web.Request, entry: Entry, drafted: Drafted, refused: object, name: str
    ) -> web.StreamResponse:
        entry.status, entry.outcome = 200, name or "answered"
        if isinstance(refused, OnTheWire):
            drip_s = self._stage.script.drip_ms / 1_000
            return await wire.broken(request, refused.how, drafted.body, drip_s)
        problems = self._shapes.answer_problems("Converse", drafted.body)
        # A stop reason that nobody knows is the one thing that may be wrong, and only on purpose.
        if problems and not (name.startswith(STOP) and "stopReason" in problems[0]):
            entry.status, entry.outcome = 500, "; ".join(problems)
            return wire.error(ErrorAnswer(500, "InternalServerException", problems[0]))
        entry.verdict = drafted.verdict
        return wire.whole(drafted.body)

    async def guardrail(self, request: web.Request) -> web.StreamResponse:
        """One call of ApplyGuardrail."""
        names = request.match_info
        entry = self.journal.open("ApplyGuardrail", names["guardrail"])
        try:
            path = {
                "guardrailIdentifier": names["guardrail"],
                "guardrailVersion": names["version"],
            }
            body = await self._body(request, "ApplyGuardrail", path)
            if isinstance(body, ErrorAnswer):
                return _refuse(entry, body)
            return await self._check(request, entry, body)
        finally:
            self.journal.close(entry)

    async def _check(
        self, request: web.Request, entry: Entry, body: Mapping[str, Any]
    ) -> web.StreamResponse:
        asked = orjson.dumps(body).decode()
        name = self._stage.fault(entry.model, asked, asked, self._stage.seen(asked))
        refused = fault(name) if name else None
        if isinstance(refused, ErrorAnswer):
            return _refuse(entry, refused)
        entry.status, entry.outcome = 200, name or "answered"
        answer = grounding.check(body)
        if isinstance(refused, OnTheWire):
            drip_s = self._stage.script.drip_ms / 1_000
            return await wire.broken(request, refused.how, answer, drip_s)
        problems = self._shapes.answer_problems("ApplyGuardrail", answer)
        if problems:
            return _refuse(entry, ErrorAnswer(500, "InternalServerException", problems[0]))
        return wire.whole(answer)

    async def count_tokens(self, request: web.Request) -> web.StreamResponse:
        """One call of CountTokens, which costs nothing."""
        model = request.match_info["model"]
        entry = self.journal.open("CountTokens", model)
        try:
            body = await self._body(request, "CountTokens", {"modelId": model})
            if isinstance(body, ErrorAnswer):
                return _refuse(entry, body)
            entry.status, entry.outcome = 200, "answered"
            return wire.whole({"inputTokens": tokens(orjson.dumps(body["input"]).decode())})
        finally:
            self.journal.close(entry)

    async def _body(
        self, request: web.Request, operation: str, path: Mapping[str, str]
    ) -> Mapping[str, Any] | ErrorAnswer:
        """The request, held against the service's model, or what is wrong with it."""
        unsigned = signature_problem(request.headers)
        if unsigned is not None:
            return unsigned
        try:
            found = orjson.loads(await request.read())
        except orjson.JSONDecodeError:
            return ErrorAnswer(400, "ValidationException", "The body is not JSON.")
        if not isinstance(found, dict):
            return ErrorAnswer(400, "ValidationException", "The body is no object.")
        problems = self._shapes.request_problems(operation, {**found, **path})
        if problems:
            return ErrorAnswer(400, "ValidationException", problems[0])
        return found

    def _quota(self, model: str) -> ModelQuota:
        quotas = self._stage.script.quotas
        if model not in self._quotas:
            self._quotas[model] = ModelQuota(
                quotas.requests_per_minute,
                quotas.tokens_per_minute,
                self._now,
                quotas.minute_s,
            )
        return self._quotas[model]


def _refuse(entry: Entry, answer: ErrorAnswer) -> web.Response:
    entry.status, entry.outcome = answer.status, answer.code
    return wire.error(answer)

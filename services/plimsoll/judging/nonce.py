"""A nonce that judged text cannot know: a verdict without it is none."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import astuple, replace

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judging import JudgeCall, JudgeReply, JudgeTraits
from plimsoll.judging.questions import NONCE
from plimsoll.ports.judge import JudgeModel

_CHARS = 16
_WITHOUT = Absence(AbsenceReason.PARSE_FAILED, "the verdict came without its nonce")


class NoncedJudge:
    """A judge whose every question ends with a nonce, and whose verdicts have to return it.

    The nonce is an HMAC of the question under a secret, so that asking the same again asks the
    same bytes. It is no part of the question that a memo knows, and is struck out of what it keeps.
    """

    def __init__(self, judge: JudgeModel, secret: bytes) -> None:
        self._judge = judge
        self._secret = secret

    def traits(self, model: str) -> JudgeTraits:
        """The judge's own."""
        return self._judge.traits(model)

    async def ask(self, call: JudgeCall, deadline_s: float) -> JudgeReply:
        """As the judge answers; `parse_failed` where a verdict has not its nonce."""
        nonce = self._nonce_of(call)
        end = f"\n\nFill in the field {NONCE} with the following.\n{NONCE}: {nonce}"
        reply = await self._judge.ask(replace(call, material=call.material + end), deadline_s)
        verdict = reply.verdict
        if verdict is None:
            return reply
        given = verdict.get(NONCE)
        if not isinstance(given, str) or not hmac.compare_digest(
            given.strip().encode(errors="replace"), nonce.encode()
        ):
            return replace(reply, outcome=_WITHOUT)
        return replace(reply, outcome=_without(verdict, nonce))

    async def close(self) -> None:
        """Closes the judge."""
        await self._judge.close()

    def _nonce_of(self, call: JudgeCall) -> str:
        # Parameters that are dropped on a refusal are part of the question, too.
        asked = repr(astuple(call)).encode()
        return hmac.new(self._secret, asked, hashlib.sha256).hexdigest()[:_CHARS]


def _without(verdict: Mapping[str, object], nonce: str) -> Mapping[str, object]:
    return {
        name: value.replace(nonce, "[nonce]") if isinstance(value, str) else value
        for name, value in verdict.items()
        if name != NONCE
    }

"""What each error of an endpoint and of the way to it means, decided once, here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import aiohttp

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judge_errors import (
    FaultKind,
    JudgeFaultError,
    JudgeMisconfiguredError,
    JudgeRefusalError,
    ParameterRefusedError,
)
from plimsoll.domain.judging import NOTHING_USED, UNKNOWN_USAGE, JudgeUsage, Parameter
from plimsoll.wire.loose import field, text

_LONGEST_DELAY_S = 60.0
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.\[\]-]{0,63}")


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error leads to; `kind` None is an absence at once."""

    kind: FaultKind | None
    reason: AbsenceReason = AbsenceReason.PROVIDER_ERROR
    delay: timedelta = timedelta(0)
    usage: JudgeUsage = UNKNOWN_USAGE


def _passing(
    seconds: float,
    reason: AbsenceReason = AbsenceReason.PROVIDER_ERROR,
    usage: JudgeUsage = UNKNOWN_USAGE,
    kind: FaultKind = FaultKind.TRANSIENT,
) -> Fault:
    return Fault(kind, reason, timedelta(seconds=seconds), usage)


CONFIGURATION = Fault(FaultKind.CONFIGURATION, usage=NOTHING_USED)
INVALID = Fault(None, usage=NOTHING_USED)
TOO_LARGE = Fault(None, AbsenceReason.INPUT_TOO_LARGE, usage=NOTHING_USED)
MALFORMED = _passing(0.5)

STATUSES: Mapping[int, Fault] = {
    400: INVALID,
    401: CONFIGURATION,
    402: CONFIGURATION,
    403: CONFIGURATION,
    404: CONFIGURATION,
    405: CONFIGURATION,
    407: CONFIGURATION,
    408: _passing(1.0, AbsenceReason.TIMED_OUT),
    409: _passing(0.5),
    413: TOO_LARGE,
    422: INVALID,
    424: _passing(1.0, kind=FaultKind.MODEL_FAULT),
    425: _passing(0.5),
    429: _passing(2.0, AbsenceReason.THROTTLED, NOTHING_USED, FaultKind.THROTTLED),
    503: _passing(2.0, usage=NOTHING_USED),
    504: _passing(1.0, AbsenceReason.TIMED_OUT),
}
# What an endpoint says in `error.code`, beside which its status says too little.
CODES: Mapping[str, Fault] = {
    "context_length_exceeded": TOO_LARGE,
    "string_above_max_length": TOO_LARGE,
    "content_filter": Fault(None, AbsenceReason.CONTENT_FILTERED, usage=NOTHING_USED),
    "content_policy_violation": Fault(None, AbsenceReason.CONTENT_FILTERED, usage=NOTHING_USED),
    # 429 like a rate limit, but no waiting fills an account.
    "insufficient_quota": CONFIGURATION,
    "model_not_found": CONFIGURATION,
    "invalid_api_key": CONFIGURATION,
}
# The most specific class decides.
CLASSES: Mapping[type[BaseException], Fault] = {
    aiohttp.InvalidURL: CONFIGURATION,
    aiohttp.NonHttpUrlClientError: CONFIGURATION,
    aiohttp.ConnectionTimeoutError: _passing(1.0, AbsenceReason.TIMED_OUT, NOTHING_USED),
    aiohttp.ServerTimeoutError: _passing(1.0, AbsenceReason.TIMED_OUT),
    aiohttp.ClientConnectorError: _passing(0.5, usage=NOTHING_USED),
    aiohttp.ClientError: _passing(0.5),
    OSError: _passing(0.5),
    ValueError: MALFORMED,
}
CALL_ERRORS = tuple(CLASSES)

# Servers that put no code beside a request that is too long say it in these words; they narrow
# what status 400 has decided, an absence without a second attempt.
_TOO_LONG = ("maximum context length", "context length", "context window", "context size")
_PARAMETERS: Mapping[Parameter, tuple[str, ...]] = {
    Parameter.TEMPERATURE: ("temperature",),
    Parameter.STRICT: ("tools[0].function.strict", "strict"),
    Parameter.FORCED_TOOL: ("tool_choice",),
    Parameter.JSON_SCHEMA: ("response_format",),
    Parameter.LOGPROBS: ("logprobs", "top_logprobs"),
}


def of_class(error: BaseException) -> JudgeFaultError | JudgeMisconfiguredError:
    """An error that kept a request from its answer."""
    fault = next(CLASSES[kind] for kind in type(error).__mro__ if kind in CLASSES)
    code = "malformed answer" if fault is MALFORMED else type(error).__name__
    return _raised(fault, code, timedelta(0))


def of_answer(
    status: int, headers: Mapping[str, str], body: object, sent: tuple[Parameter, ...]
) -> Absence | JudgeFaultError | JudgeRefusalError:
    """An answer that is an error: an absence, or what to raise."""
    said = field(body, "error")
    said = body if said is None else said
    code = text(said, "code") if isinstance(field(said, "code"), str) else ""
    fault = CODES.get(code) or STATUSES.get(status) or _by_hundreds(status)
    name = code if _WORD.fullmatch(code) else f"HTTP {status}"
    if fault is INVALID:
        refused = _refused(text(said, "param"), sent)
        if refused is not None:
            return ParameterRefusedError(name, refused)
        low = text(said, "message").lower()
        if any(words in low for words in _TOO_LONG):
            fault = TOO_LARGE
    if fault.kind is None:
        return Absence(fault.reason, name)
    return _raised(fault, name, _asked_delay(headers))


def _by_hundreds(status: int) -> Fault:
    if 400 <= status < 500:
        return INVALID
    # A redirect is not followed: credentials and prompts go where the settings say.
    return CONFIGURATION if 300 <= status < 400 else MALFORMED


def _raised(fault: Fault, code: str, asked: timedelta) -> JudgeFaultError | JudgeMisconfiguredError:
    if fault.kind is None or fault.kind is FaultKind.CONFIGURATION:
        return JudgeMisconfiguredError(
            code,
            f"the endpoint answers {code}: check openai.endpoint_url, openai.api_key, and that "
            "openai.judges names models that it serves",
        )
    delay = max(fault.delay, asked)
    return JudgeFaultError(fault.kind, code, delay, Absence(fault.reason, code), fault.usage)


def _refused(name: str, sent: tuple[Parameter, ...]) -> Parameter | None:
    return next((p for p in sent if name in _PARAMETERS.get(p, ())), None)


def _asked_delay(headers: Mapping[str, str]) -> timedelta:
    said = headers.get("Retry-After", "")
    if said.isascii() and said.isdigit() and len(said) < 6:
        return timedelta(seconds=min(_LONGEST_DELAY_S, int(said)))
    return timedelta(0)

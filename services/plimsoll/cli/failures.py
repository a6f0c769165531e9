"""What each way of failing is worth: an exit code and one line."""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass

from plimsoll.domain.errors import ConfigurationError, PlimsollError, RetryableError

OK = 0
FAILED = 1
USAGE = 2
INTERRUPTED = 130

EXIT_CODES = (
    "Exit codes: 0 done; 1 failed, or the answer is no; 2 the command line or the settings are "
    "wrong; 130 interrupted."
)
_MOST_CHARS = 1_500


@dataclass(frozen=True, slots=True)
class Failure:
    """How a command ended that could not do its work."""

    code: int
    message: str


def describe(error: BaseException) -> Failure | None:
    """An expected failure in words, or None where nobody expected it."""
    if isinstance(error, ConfigurationError):
        return Failure(USAGE, str(error))
    if isinstance(error, RetryableError):
        return Failure(FAILED, f"{_short(error)} (it may pass: try again, or `plimsoll doctor`)")
    if isinstance(error, PlimsollError):
        return Failure(FAILED, _short(error))
    if isinstance(error, OSError):
        what = f"{error.filename}: " if error.filename else ""
        return Failure(FAILED, f"{what}{error.strerror or _short(error)}")
    return _of_libraries(error)


def unexpected(error: BaseException) -> Failure:
    """A mistake of ours: its kind, its words and where it happened, in one line."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    said = f"unexpected {type(error).__name__}: {_short(error)}{where}"
    return Failure(FAILED, f"{said}; this is a defect of plimsoll, please report it")


def _of_libraries(error: BaseException) -> Failure | None:
    """Errors of libraries, asked only where a library is loaded: start-up stays quick."""
    grpc = sys.modules.get("grpc")
    if grpc is not None and isinstance(error, grpc.RpcError):
        code = getattr(error, "code", lambda: None)()
        details = getattr(error, "details", lambda: None)()
        name = code.name if code is not None else "no status"
        said = " ".join(str(details).split())
        return Failure(FAILED, f"the query service answers {name}: {said}")
    kafka = sys.modules.get("aiokafka.errors")
    if kafka is not None and isinstance(error, kafka.KafkaError):
        return Failure(FAILED, f"Kafka: {type(error).__name__}: {_short(error)}")
    pydantic = sys.modules.get("pydantic")
    if pydantic is not None and isinstance(error, pydantic.ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return Failure(USAGE, f"{place}: {first['msg']}")
    return None


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:_MOST_CHARS] or type(error).__name__

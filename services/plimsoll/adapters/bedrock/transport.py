"""The way to Bedrock below botocore: answers of bounded size, read up to the call's deadline.

botocore bounds the silence between two bytes, not their number nor the time for all of them. Its
`before-send` event lets a handler do the sending; ours uses botocore's own session for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.httpsession import URLLib3Session
from urllib3.exceptions import HTTPError
from urllib3.exceptions import ReadTimeoutError as SocketTimeoutError

# A verdict is a few kilobytes; an answer of Converse with a long chain of thought is below one MiB.
MOST_BYTES = 4 * 1024 * 1024
_CHUNK_BYTES = 65_536
# The caller's own deadline comes first, so that it is what ends a call.
_SLACK_S = 0.05


class AnswerTooLargeError(ValueError):
    """The answer has more bytes than any answer may have."""


class AnswerMalformedError(ValueError):
    """The answer of a call that succeeded is not one JSON object."""


class BoundedTransport:
    """Sends what botocore has signed; one for a client, safe for its threads."""

    def __init__(self, session: URLLib3Session, read_timeout_s: float) -> None:
        self._session = session
        self._read_timeout_s = read_timeout_s
        self._calling = threading.local()

    @contextmanager
    def until(self, ends_at: float) -> Iterator[None]:
        """Calls of this thread end by then, on the monotonic clock."""
        self._calling.ends_at = ends_at
        try:
            yield
        finally:
            del self._calling.ends_at

    def send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """A handler of `before-send`: the answer, whole."""
        request.stream_output = True
        self._shorten_silence(request)
        answer = self._session.send(request)
        body = self._read(answer, request.url)
        if answer.status_code < 300 and not _is_object(body):
            raise AnswerMalformedError("not a JSON object")
        return AWSResponse(answer.url, answer.status_code, answer.headers, _Whole(body))

    def _shorten_silence(self, request: AWSPreparedRequest) -> None:
        """No silence outlasts the call: botocore takes that with a request from 1.44 on."""
        ends_at = getattr(self._calling, "ends_at", None)
        context = getattr(request, "context", None)
        if ends_at is not None and isinstance(context, dict):
            left_s = max(0.0, ends_at - time.monotonic()) + _SLACK_S
            context["read_timeout"] = min(self._read_timeout_s, left_s)

    def close(self) -> None:
        """Closes idle connections."""
        self._session.close()

    def _read(self, answer: AWSResponse, url: str) -> bytes:
        ends_at = getattr(self._calling, "ends_at", None)
        chunks: list[bytes] = []
        size = 0
        raw = answer.raw
        try:
            while chunk := raw.read1(_CHUNK_BYTES, decode_content=False):
                chunks.append(chunk)
                size += len(chunk)
                if size > MOST_BYTES:
                    raise AnswerTooLargeError(f"more than {MOST_BYTES} bytes")
                if ends_at is not None and time.monotonic() > ends_at:
                    raise ReadTimeoutError(endpoint_url=url)
        except SocketTimeoutError:
            raise ReadTimeoutError(endpoint_url=url) from None
        except (HTTPError, OSError) as error:
            raise ConnectionClosedError(endpoint_url=url, error=type(error).__name__) from None
        finally:
            # A connection whose answer was read to its end has gone back to the pool by now.
            raw.close()
        return b"".join(chunks)


class _Whole:
    """A body that has been read."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        """All of it."""
        yield self._body

    def read(self, *_: object) -> bytes:
        """All of it."""
        return self._body


def _is_object(body: bytes) -> bool:
    """Orjson also refuses NaN, infinities and what is nested too deep."""
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return isinstance(found, Mapping)

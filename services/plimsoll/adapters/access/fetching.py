"""JSON documents of an issuer: bounded in time and size, and never from where it redirects to."""

from __future__ import annotations

import aiohttp
import orjson

from plimsoll.domain.errors import RetryableError

_TIMEOUT_S = 5.0
_MAX_BYTES = 512 * 1024


async def fetch_json(url: str) -> dict[str, object]:
    """The object at `url`; RetryableError says what came instead, and never its text."""
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, headers={"Accept-Encoding": "identity"}) as one,
            one.get(url, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise RetryableError(f"{url} answers HTTP {response.status}")
            found = await response.content.read(_MAX_BYTES)
            if not response.content.at_eof():
                raise RetryableError(f"{url} answers with more than {_MAX_BYTES} bytes")
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise RetryableError(f"{url} does not answer: {type(error).__name__}") from error
    try:
        document = orjson.loads(found)
    except orjson.JSONDecodeError as error:
        raise RetryableError(f"{url} answers with something other than JSON") from error
    if not isinstance(document, dict):
        raise RetryableError(f"{url} answers with JSON that is no object")
    return document

"""Reads an object of S3: one attempt, bounded in size and time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.errors import RetryableError
from plimsoll.settings.bodies import BodySettings

_BLOCK_BYTES = 64 * 1024
_MISSING = frozenset({"NoSuchKey", "NoSuchBucket", "NoSuchVersion", "404"})
_DENIED = frozenset({"AccessDenied", "403", "InvalidObjectState", "PermanentRedirect", "301"})


class Objects(Protocol):
    """What is used of boto3's client."""

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """The GetObject operation."""


def connect(settings: BodySettings) -> Objects:
    """A client, which sends nothing before it is asked; BotoCoreError where it cannot be made."""
    # At DEBUG botocore writes requests with their signature.
    logging.getLogger("botocore").setLevel(logging.INFO)
    config = Config(
        region_name=settings.s3_region or None,
        connect_timeout=min(3.0, settings.timeout_s),
        read_timeout=settings.timeout_s,
        max_pool_connections=settings.concurrency,
        # One layer retries, and it is above.
        retries={"mode": "standard", "total_max_attempts": 1},
        s3={"addressing_style": "path"} if settings.s3_endpoint_url else None,
        user_agent_extra="plimsoll",
    )
    client: Objects = boto3.session.Session().client(
        "s3", endpoint_url=settings.s3_endpoint_url or None, config=config
    )
    return client


def read_object(
    client: Objects, bucket: str, key: str, size_bytes: int, is_late: Callable[[], bool]
) -> bytes | Absence:
    """The object's bytes, at most one more than `size_bytes`; else why there are none.

    RetryableError where another attempt may do. `is_late` ends a body that comes too slowly.
    """
    try:
        answer = client.get_object(Bucket=bucket, Key=key)
        body = answer["Body"]
        try:
            if int(answer["ContentLength"]) > size_bytes:
                return Absence(AbsenceReason.INPUT_INVALID, "the object is larger than it says")
            found = bytearray()
            while len(found) <= size_bytes:
                if is_late():
                    return Absence(AbsenceReason.TIMED_OUT, "the object came too slowly")
                block = body.read(min(_BLOCK_BYTES, size_bytes + 1 - len(found)))
                if not block:
                    break
                found += block
            return bytes(found)
        finally:
            body.close()
    except ClientError as error:
        return _refused(error)
    except (HTTPClientError, OSError) as error:
        raise RetryableError(f"S3 does not answer: {type(error).__name__}") from error
    except BotoCoreError as error:
        return Absence(AbsenceReason.PROVIDER_ERROR, f"S3 cannot be asked: {type(error).__name__}")


def _refused(error: ClientError) -> Absence:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _MISSING:
        return Absence(AbsenceReason.INPUT_MISSING, "there is no such object")
    if code in _DENIED:
        return Absence(AbsenceReason.PROVIDER_ERROR, "S3 does not let this process read the object")
    if status >= 500 or code in {"SlowDown", "RequestTimeout", "TooManyRequests"}:
        raise RetryableError(f"S3 answers {status}") from error
    return Absence(AbsenceReason.PROVIDER_ERROR, f"S3 answers {status}")

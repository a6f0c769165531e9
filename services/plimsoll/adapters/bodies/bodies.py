"""Fetches bodies by reference: what may be read, whence, and whether it is what was named."""

from __future__ import annotations

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote, urlsplit

from botocore.exceptions import BotoCoreError

from plimsoll.adapters.bodies.files import read_below
from plimsoll.adapters.bodies.s3 import Objects, connect, read_object
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.errors import ConfigurationError, RetryableError
from plimsoll.domain.result import ContentRef
from plimsoll.ports.clock import Clock
from plimsoll.resilience.retries import RetryBudget, retry_within
from plimsoll.settings.bodies import BodySettings

_S3 = "s3://"
_FILE = "file:///"
_DIGITS = frozenset("0123456789abcdef")
_SHA256_DIGITS = 64
_TENANT = "{tenant}"


@dataclass(frozen=True, slots=True)
class Place:
    """What may be read below: a folder, or a prefix of a bucket's keys."""

    root: str
    rest: str
    in_s3: bool


class ReferencedBodies:
    """Reads only below the prefixes that are listed, for the tenant whose they are.

    The result's digest covers that of the body, so a score never rests on other words than those
    that were referred to.
    """

    def __init__(self, settings: BodySettings, clock: Clock) -> None:
        for prefix in settings.prefixes:
            if not prefix.startswith((_S3, _FILE)) or not prefix.endswith("/"):
                raise ConfigurationError(
                    f"bodies.prefixes: {prefix!r} is no s3://bucket/prefix/ or file:///folder/"
                )
        self._settings = settings
        self._clock = clock
        self._threads = ThreadPoolExecutor(settings.concurrency, "bodies")
        # Threads that are late go on until their own deadline: no more of them wait than this.
        self._turns = asyncio.Semaphore(settings.concurrency)
        self._retries = RetryBudget()

    async def fetch(self, tenant: str, ref: ContentRef) -> str | Absence:
        """The text, or why it is not there; see ports.bodies."""
        problem = self._problem(ref)
        if problem is not None:
            return problem
        place = self._place(tenant, ref.uri)
        if isinstance(place, Absence):
            return place
        try:
            async with asyncio.timeout(self._settings.timeout_s), self._turns:
                found = await self._patiently(place, ref.size_bytes)
        except TimeoutError:
            return Absence(AbsenceReason.TIMED_OUT, "it was not fetched in time")
        except RetryableError as error:
            return Absence(AbsenceReason.PROVIDER_ERROR, str(error))
        return found if isinstance(found, Absence) else _checked(found, ref)

    async def close(self) -> None:
        """Waits for no one."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _problem(self, ref: ContentRef) -> Absence | None:
        if len(ref.sha256) != _SHA256_DIGITS or not _DIGITS.issuperset(ref.sha256):
            return Absence(AbsenceReason.INPUT_INVALID, "its SHA-256 is none")
        if ref.size_bytes > self._settings.max_bytes:
            most = self._settings.max_bytes
            said = f"it has {ref.size_bytes} bytes, bodies.max_bytes is {most}"
            return Absence(AbsenceReason.INPUT_TOO_LARGE, said)
        return None

    def _place(self, tenant: str, uri: str) -> Place | Absence:
        for prefix in self._settings.prefixes:
            # A tenant's name holds letters, digits and ._- only, and `..` is no part of a path.
            below = prefix.replace(_TENANT, tenant)
            if prefix.startswith(_S3) and uri.startswith(below) and len(uri) > len(below):
                bucket, _, key = uri.removeprefix(_S3).partition("/")
                return Place(bucket, key, in_s3=True)
            if prefix.startswith(_FILE) and uri.startswith(_FILE):
                parts = urlsplit(uri)
                path, folder = unquote(parts.path), below.removeprefix("file://")
                if not parts.query and not parts.fragment and path.startswith(folder):
                    return Place(folder, path.removeprefix(folder), in_s3=False)
        return Absence(AbsenceReason.NOT_CONFIGURED, "it is below none of bodies.prefixes")

    async def _patiently(self, place: Place, size_bytes: int) -> bytes | Absence:
        return await retry_within(
            lambda left_s: self._in_thread(place, size_bytes, left_s),
            retried=RetryableError,
            timeout_s=self._settings.timeout_s,
            clock=self._clock,
            budget=self._retries,
        )

    async def _in_thread(self, place: Place, size_bytes: int, left_s: float) -> bytes | Absence:
        until = self._clock.monotonic() + left_s
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._read, place, size_bytes, until)

    def _read(self, place: Place, size_bytes: int, until_s: float) -> bytes | Absence:
        if not place.in_s3:
            return read_below(place.root, place.rest, size_bytes)
        try:
            client = self._client
        except (BotoCoreError, ValueError) as error:
            said = f"S3 cannot be asked: {type(error).__name__}"
            return Absence(AbsenceReason.NOT_CONFIGURED, said)
        return read_object(
            client, place.root, place.rest, size_bytes, lambda: self._clock.monotonic() > until_s
        )

    @cached_property
    def _client(self) -> Objects:
        return connect(self._settings)


def _checked(found: bytes, ref: ContentRef) -> str | Absence:
    if len(found) != ref.size_bytes:
        return Absence(AbsenceReason.INPUT_INVALID, "its size is another than the reference says")
    if hashlib.sha256(found).hexdigest() != ref.sha256:
        return Absence(AbsenceReason.INPUT_INVALID, "its bytes are others than the reference says")
    try:
        return found.decode()
    except UnicodeDecodeError:
        return Absence(AbsenceReason.INPUT_INVALID, "it is no text in UTF-8")

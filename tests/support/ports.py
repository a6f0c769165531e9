"""Ports that nobody listens on, and that nobody else is given."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Below what Linux and macOS give to connections and to whoever asks for any port: between finding
# one and listening there, or while a server is down, nothing else can get it.
_FIRST, _LAST = 20_000, 29_999
# Held until this process ends: who holds the lock of a port has it.
_HELD: list[int] = []


def free_port() -> int:
    """A port of 127.0.0.1 that is free, and is this test process's until it ends."""
    folder = Path(tempfile.gettempdir(), f"plimsoll-ports-{os.getuid()}")
    folder.mkdir(exist_ok=True)
    # From another place each time: what has just been in use may not be free yet.
    numbers = random.SystemRandom().sample(range(_FIRST, _LAST + 1), 1_000)
    for port in numbers:
        held = os.open(folder / str(port), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _bind(port).close()
        except OSError:
            os.close(held)
            continue
        _HELD.append(held)
        return port
    raise AssertionError(f"every port between {_FIRST} and {_LAST} is taken")


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that refuses every connection while the block runs: taken, and not listened on."""
    with _bind(0) as taken:
        yield int(taken.getsockname()[1])


def _bind(port: int) -> socket.socket:
    taken = socket.socket()
    try:
        taken.bind(("127.0.0.1", port))
    except OSError:
        taken.close()
        raise
    return taken

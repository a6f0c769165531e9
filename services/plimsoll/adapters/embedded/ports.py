"""Ports of this machine."""

from __future__ import annotations

import random
import socket

from plimsoll.domain.errors import FatalError

# Below what systems give to connections and to whoever asks for any port: until somebody listens
# there, which may take a while, none of these gets it.
_FIRST, _LAST = 10_000, 19_999
_ATTEMPTS = 1_000


def free_port() -> int:
    """A port of 127.0.0.1 that was free a moment ago; FatalError where none is found."""
    for port in random.SystemRandom().sample(range(_FIRST, _LAST + 1), _ATTEMPTS):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise FatalError(f"no port between {_FIRST} and {_LAST} is free")


def answers(host: str, port: int, timeout_s: float = 0.5) -> bool:
    """Whether somebody accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=timeout_s):
            return True
    except OSError:
        return False

"""Which results are drawn to be labelled: by their names alone, whatever they are."""

from __future__ import annotations

import hashlib

from plimsoll.domain.identity import ResultKey

# No other draw by a hash of the key, here or elsewhere, is this one.
_SPACE = b"plimsoll/audit\x1f"
_DIGEST_BYTES = 8


def drawn(key: ResultKey, rate: float) -> bool:
    """Whether a result is of the share `rate` in [0, 1]; a higher rate draws those and more.

    By SHA-256 of its key: the same everywhere and at any time, and without regard to what the
    result says or how it was scored, so that labels of those drawn speak for all.
    """
    digest = hashlib.sha256(_SPACE + key.encode()).digest()[:_DIGEST_BYTES]
    return int.from_bytes(digest) < rate * float(1 << 8 * _DIGEST_BYTES)

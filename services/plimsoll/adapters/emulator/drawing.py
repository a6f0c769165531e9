"""Chance without order: what is drawn depends on the seed and on what is asked, nothing else."""

from __future__ import annotations

import hashlib


def draw(*of: object) -> float:
    """A number in [0, 1), the same for the same arguments in every process."""
    text = "\x1f".join(map(str, of)).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:6], "big") / 2**48


def between(low: float, high: float, *of: object) -> float:
    """A number from `low` up to `high`."""
    return low + (max(low, high) - low) * draw(*of)


def whole(low: int, high: int, *of: object) -> int:
    """A whole number from `low` to `high`, both included."""
    return low + int((max(low, high) - low + 1) * draw(*of))

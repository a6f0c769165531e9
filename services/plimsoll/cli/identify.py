"""IDs for results that came without one."""

from __future__ import annotations

import hashlib

_ID_CHARS = 24


def derived_id(content: bytes) -> str:
    """The same content, the same ID: reading or publishing a file twice names it alike."""
    return f"sha256-{hashlib.sha256(content).hexdigest()[:_ID_CHARS]}"

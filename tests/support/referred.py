"""References to bodies, true and false."""

from __future__ import annotations

import hashlib

from plimsoll.domain.result import ContentRef


def ref(uri: str, body: bytes) -> ContentRef:
    """A reference to that body."""
    return ContentRef(uri, hashlib.sha256(body).hexdigest(), len(body))

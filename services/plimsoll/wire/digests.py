"""Digests over decoded values: the same value gives the same digest in any process.

Protobuf's deterministic form of what was decoded, without unknown fields: what is not set does not
exist, so a field that is added later changes no digest of a value without it. The form is stable
in practice and not promised across releases; golden digests in the tests tell if it ever moves.
"""

from __future__ import annotations

from hashlib import sha256

from google.protobuf.message import Message

_INPUT = b"plimsoll.input.1\x00"
_CONTENT = b"plimsoll.content.1\x00"


def input_digest(message: Message) -> str:
    """SHA-256, hexadecimal, of an `LlmResult` whose ID and tenant are filled in."""
    return sha256(_INPUT + message.SerializeToString(deterministic=True)).hexdigest()


def content_digest(content: bytes) -> str:
    """SHA-256, hexadecimal, of a `ScoredResult` without content_digest and observation.

    `content` is the deterministic form of that part.
    """
    return sha256(_CONTENT + content).hexdigest()

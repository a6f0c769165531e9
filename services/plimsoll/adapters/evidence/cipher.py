"""AES-SIV (RFC 5297): the same text under the same key gives the same bytes; there is no nonce."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

# Two halves of 256 bits: one authenticates, one encrypts.
KEY_BYTES = 64


class SivKey:
    """A `DataKey` of 64 bytes; ValueError where there are more or fewer."""

    __slots__ = ("_siv",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
        self._siv = AESSIV(key)

    def seal(self, text: bytes, bound_to: Sequence[bytes]) -> bytes:
        """16 bytes longer than the text, which is not empty."""
        return self._siv.encrypt(text, list(bound_to))

    def open(self, sealed: bytes, bound_to: Sequence[bytes]) -> bytes | None:
        """The text; None where it is another key's, was bound otherwise, or is damaged."""
        try:
            return self._siv.decrypt(sealed, list(bound_to))
        except InvalidTag:
            return None

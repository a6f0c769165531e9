"""Protobuf's wire format for fields that hold bytes, so that stored payloads pass uncopied."""

from __future__ import annotations

_LENGTH_DELIMITED = 2
_ONE_BYTE = tuple(bytes((number,)) for number in range(0x80))


def varint(number: int) -> bytes:
    """A non-negative number, seven bits a byte, lowest first."""
    if number <= 0x7F:
        return _ONE_BYTE[number]
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def field(number: int, body: bytes) -> bytes:
    """A message, string or bytes field; an empty one is written too, as messages are."""
    return varint(number << 3 | _LENGTH_DELIMITED) + varint(len(body)) + body


def text_field(number: int, text: str) -> bytes:
    """A string field, left out where it is empty, as proto3 does."""
    return field(number, text.encode()) if text else b""


def number_field(number: int, value: int) -> bytes:
    """A non-negative integer field, left out where it is 0, as proto3 does."""
    return varint(number << 3) + varint(value) if value else b""

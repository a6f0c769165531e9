"""What a machine has run out of, which no record is to blame for."""

from __future__ import annotations

import errno

from plimsoll.domain.errors import FatalError

_WHAT = {
    errno.EMFILE: "this process has no file descriptor left: raise its limit (`ulimit -n`)",
    errno.ENFILE: "this machine has no file descriptor left: raise `fs.file-max`",
}


def shortage(error: BaseException) -> FatalError | None:
    """The end of this process, where an error says so: every record would meet it, too."""
    what = _WHAT.get(error.errno or 0) if isinstance(error, OSError) else None
    return None if what is None else FatalError(what)

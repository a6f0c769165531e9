"""The program `plimsoll`: runs one command and says in one line what went wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from typer import Abort, TyperException
from typer.main import get_command

from plimsoll.cli.application import application
from plimsoll.cli.failures import FAILED, INTERRUPTED, OK, USAGE, Failure, describe, unexpected


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; gives the exit code."""
    command = get_command(application())
    try:
        code = command.main(args=arguments, prog_name="plimsoll", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read us has left, as `head` does. The interpreter must not flush again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (KeyboardInterrupt, Abort):
        return INTERRUPTED
    except TyperException as error:
        return _say(_usage(error))
    except Exception as error:  # noqa: BLE001 - a process's top level: nobody sees a traceback
        return _say(describe(error) or unexpected(error))
    return code if isinstance(code, int) else OK


def _usage(error: TyperException) -> Failure:
    context = getattr(error, "ctx", None)
    # A group without a command has shown its help by now, and has no words of its own.
    said = str(getattr(error, "format_message", error.__str__)()) or "a command is missing"
    if not getattr(error, "exit_code", USAGE):
        return Failure(OK, said)
    path = context.command_path if context is not None else "plimsoll"
    return Failure(USAGE, f"{' '.join(said.split())} (`{path} --help` says more)")


def _say(failure: Failure) -> int:
    # A service's words may quote what somebody sent, and a terminal obeys control characters.
    said = "".join(c if c.isprintable() or c == "\n" else " " for c in failure.message)
    sys.stderr.write(f"plimsoll: {said}\n")
    return failure.code


if __name__ == "__main__":
    sys.exit(main())

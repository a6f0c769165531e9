"""What a check of `plimsoll doctor` ends in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.errors import PlimsollError


class Health(StrEnum):
    """How a check ended; only FAILED makes the doctor's exit code 1."""

    OK = "ok"
    NOTE = "note"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was found, and what to do where it is not well."""

    check: str
    health: Health
    found: str
    remedy: str = ""


def one_line(error: PlimsollError) -> str:
    """An error without its line breaks."""
    return "; ".join(str(error).splitlines())

"""What the sandbox's inside is told, and the lines that it answers with."""

from __future__ import annotations

import json
import os
from typing import Any

# How something ended and what of: words of plimsoll.ports.sandbox.
Ending = tuple[str, str]


class Job:
    """A program, its requests and their limits, as they came in."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.toolchain: str = told["toolchain"]
        self.source: str = told["source"]
        self.entry_point: str = told["entry_point"]
        self.requests: list[Ending] = [(ask, text) for ask, text in told["requests"]]
        self.limits: dict[str, int] = told["limits"]
        self.node: str = told["node"]

    @property
    def output_bytes(self) -> int:
        """What one request may answer at most."""
        return self.limits["output_bytes"]

    @property
    def loads(self) -> bool:
        """Whether the program is loaded before it is asked; scripts run when they are asked."""
        return not any(ask == "script" for ask, _ in self.requests)


def read_job(descriptor: int) -> Job:
    """The job behind a descriptor, which stays open."""
    with open(descriptor, "rb", closefd=False) as file:
        return Job(json.loads(file.read()))


def tell(results: int, word: str, ending: Ending) -> None:
    """One line of the answer."""
    os.write(results, f"{word} {ending[0]} {ending[1]}\n".encode("ascii", "replace"))

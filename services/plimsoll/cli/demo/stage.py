"""What the audience sees while a demonstration runs: two bars, and remarks."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from plimsoll.cli.demo.arrivals import Arrivals
from plimsoll.cli.progress import counting
from plimsoll.cli.terminal import aside

_REFRESH_S = 0.1


class Stage:
    """Bars of published and visible results on standard error; remarks stand above them."""

    def __init__(self, results: int) -> None:
        self._progress = counting()
        self._published = self._progress.add_task("published", total=results)
        self._visible = self._progress.add_task("visible", total=results)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def step(self, text: str) -> None:
        """A remark."""
        self._progress.console.print(text, markup=False)

    def killed(self, scorer: str, uncommitted: int) -> None:
        """The moment of the kill."""
        self.step(
            f"SIGKILL to {scorer}: {uncommitted} published results are not committed; the other "
            "scorer gets its partitions once the broker has missed it"
        )

    def moved(self, seconds: float) -> None:
        """Everything is visible again."""
        self.step(f"all results are visible, {seconds:.1f} s after the kill")

    async def follow(self, arrivals: Arrivals) -> None:
        """Moves the bars, without end."""
        while True:
            self._progress.update(self._published, completed=len(arrivals.sent))
            self._progress.update(self._visible, completed=len(arrivals.seen))
            await asyncio.sleep(_REFRESH_S)


def remark(text: str) -> None:
    """A line on standard error, outside of a stage."""
    aside().print(text, markup=False)

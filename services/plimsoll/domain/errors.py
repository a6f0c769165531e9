"""Errors carry their own verdict, decided once at the door.

PlimsollError
├── RetryableError   wait `delay`, then try again
├── PoisonError      this record will never succeed: park it with its bytes, go on
├── FencedError      another process owns the partition now: drop what is in hand, write nothing
└── FatalError       no record can succeed: stop, commit nothing, exit non-zero
    ├── ConfigurationError   a setting is wrong; says which and what to do
    └── DataRefusedError     a store refuses a value: fatal to who writes it, not to who looks up
"""

from __future__ import annotations

from datetime import timedelta

from plimsoll.domain.identity import ResultKey


class PlimsollError(Exception):
    """The root of what Plimsoll raises."""


class RetryableError(PlimsollError):
    """A passing fault: wait `delay`, then try again.

    After `most_in_a_row` of them it is none that passes; None is for as long as it lasts.
    """

    def __init__(
        self,
        message: str,
        delay: timedelta = timedelta(seconds=1),
        most_in_a_row: int | None = None,
    ) -> None:
        super().__init__(message)
        self.delay = delay
        self.most_in_a_row = most_in_a_row


class PoisonError(PlimsollError):
    """A record that will never succeed; `reason` is one word, `index` names the result in it.

    An index of None stands for the whole record. `key` is the result's, where it could be read.
    """

    def __init__(
        self, reason: str, detail: str, index: int | None = None, key: ResultKey | None = None
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.index = index
        self.key = key


class FencedError(PlimsollError):
    """Another process has taken the partition over: drop what is in hand."""


class FatalError(PlimsollError):
    """No record can succeed: stop and say why."""


class ConfigurationError(FatalError):
    """A setting is wrong; the message says which and what to do."""


class DataRefusedError(FatalError):
    """A store that serves refuses a value that was brought to it: a look-up ends by that alone."""

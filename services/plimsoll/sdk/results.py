"""A result as a producer makes it: from text, or from what a client library answered."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

from plimsoll.domain import result as domain
from plimsoll.domain.identity import parse_key


@dataclass(frozen=True, slots=True)
class LlmResult(domain.LlmResult):
    """One result of a large language model with whatever its producer knows of it.

    Every field of `plimsoll.domain.result.LlmResult` may be given; `dataclasses.replace` adds to
    one that was made from text or from a client's answer.
    """

    @classmethod
    def from_text(cls, result_id: str, text: str, *, prompt: str = "") -> Self:
        """A result of a plain answer; `result_id` may be written as `tenant/result_id`.

        >>> result = LlmResult.from_text("order-4711", "Paris", prompt="Capital of France?")
        >>> str(result.key), result.response.text
        ('default/order-4711', 'Paris')
        """
        messages = (domain.Message("user", prompt),) if prompt else ()
        return cls(key=parse_key(result_id), response=domain.Response(text=text), messages=messages)

    @classmethod
    def of(cls, result: domain.LlmResult) -> Self:
        """The same result as this class."""
        return cls(**{field.name: getattr(result, field.name) for field in fields(result)})

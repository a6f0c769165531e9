"""Which scored events a subscriber wants, told from their headers where those say enough."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.identity import tenant_problem


class OnAbsent(StrEnum):
    """What happens to an event without a confidence where a lower bound is asked for."""

    SKIP = "skip"
    DELIVER = "deliver"


@dataclass(frozen=True, slots=True)
class Selection:
    """A filter on scored events; what is not set does not filter.

    `min_lower_bound` in [0, 1] holds against the lower bound of the confidence's interval.
    """

    min_lower_bound: float | None = None
    on_absent: OnAbsent = OnAbsent.SKIP
    tenant: str | None = None

    def __post_init__(self) -> None:
        bound = self.min_lower_bound
        if bound is not None and not 0.0 <= bound <= 1.0:
            raise ValueError(f"min_lower_bound is {bound}; it is a probability in [0, 1]")
        problem = None if self.tenant is None else tenant_problem(self.tenant)
        if problem:
            raise ValueError(problem)

    def wants_tenant_of(self, record_key: bytes | None) -> bool:
        """Whether an event with this record key is of the tenant that was asked for, if one was."""
        if self.tenant is None or record_key is None:
            return True
        return record_key.startswith(f"{self.tenant}/".encode())

    def wants(self, lower_bound: float | None) -> bool:
        """Whether an event with this lower bound is wanted; None is no confidence."""
        if self.min_lower_bound is None:
            return True
        if lower_bound is None:
            return self.on_absent is OnAbsent.DELIVER
        return lower_bound >= self.min_lower_bound

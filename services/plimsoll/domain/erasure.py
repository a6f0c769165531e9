"""Orders to erase, and the proof that they were carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from plimsoll.domain.scopes import Erasure, Scope


@dataclass(frozen=True, slots=True)
class ErasureOrder:
    """Who asked for what to be erased, when and why; the same `erasure_id` is the same order."""

    erasure_id: str
    erasure: Erasure
    requested_by: str
    reason: str
    time: datetime


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """Proof: what was erased in which store, and what no order can reach (`left`)."""

    erasure_id: str
    scope: Scope
    requested_by: str
    reason: str
    order_time: datetime
    time: datetime
    erased: Mapping[str, int] = field(default_factory=dict)
    left: tuple[str, ...] = ()

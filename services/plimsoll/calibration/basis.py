"""What an unlearned point is made of, as a name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable


def basis_of(calibration_id: str, metrics: Iterable[tuple[str, str]]) -> str:
    """16 hexadecimal digits over the prior's ID and the metrics (name, version) that it reads.

    In any order. Another metric, version or prior gives another stream of points, and what was
    learned on one says nothing of another.
    """
    told = json.dumps([calibration_id, sorted(map(list, metrics))], separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()[:16]

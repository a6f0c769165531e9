"""What an unlearned point is made of, as a name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable


def basis_of(
    calibration_id: str,
    metrics: Iterable[tuple[str, str]],
    means: Iterable[tuple[str, str]] = (),
) -> str:
    """16 hexadecimal digits over the prior's ID and the metrics (name, version) that it reads.

    And over what those have here besides a result (name, which), where they have anything. In any
    order. Whatever changes of these gives another stream of points, and what was learned on one
    says nothing of another.
    """
    facts = [calibration_id, sorted(map(list, metrics)), sorted(map(list, means))]
    told = json.dumps(facts if facts[-1] else facts[:-1], separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()[:16]

"""Confidences of fields as evidence: the weakest first, and by name."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import Pairs
from plimsoll.domain.score import Evidence

# Fields that are shown, the weakest of them; the value is over all.
MAX_SHOWN = 100
# Characters of a pointer; a longer one is not shown, because half of it would name another field.
MAX_POINTER_CHARS = 256


def weakest_field(
    confidences: Mapping[str, float],
    *,
    raw_value: float | None = None,
    provenance: Pairs = (),
    flags: tuple[str, ...] = (),
) -> Measurement:
    """The lowest of the confidences by JSON pointer, at least one; evidence has each of them.

    The first entry, of kind `weakest_field`, names that field; then one of kind `field` for each,
    the weakest first, with the pointer as `ref` and the confidence in [0, 1] as text.
    """
    ranked = sorted((value, pointer) for pointer, value in confidences.items())
    shown = [(value, pointer) for value, pointer in ranked if len(pointer) <= MAX_POINTER_CHARS][
        :MAX_SHOWN
    ]
    entries = [Evidence(kind="field", ref=ref, text=f"{value:.4f}") for value, ref in shown]
    lowest, weakest = ranked[0]
    if len(weakest) <= MAX_POINTER_CHARS:
        entries.insert(0, Evidence(kind="weakest_field", ref=weakest, text=f"{lowest:.4f}"))
    return Measurement(
        value=lowest,
        raw_value=lowest if raw_value is None else raw_value,
        evidence=tuple(entries),
        provenance=(("fields", str(len(ranked))), *provenance),
        flags=flags if len(shown) == len(ranked) else (*flags, "fields_not_shown"),
    )

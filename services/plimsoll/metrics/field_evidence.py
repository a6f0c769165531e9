"""Confidences of fields: how samples agree on each, and the weakest first and by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import Pairs
from plimsoll.domain.score import Evidence
from plimsoll.metrics.json_fields import Fields

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


def agreement(
    fields: Fields,
    drawn: Iterable[tuple[Fields, int]],
    samples: int,
    *,
    provenance: Pairs,
    flags: tuple[str, ...],
) -> Measurement:
    """For each field of a response the share of samples that have the same form at its pointer.

    `drawn` has the fields of different samples and how often each was drawn; what is missing from
    it, up to `samples`, has no field. Raw value is the count for the weakest. Where most samples
    have a field that the response has not, the flag `field_missing` says so.
    """
    forms = {pointer: leaf.form for pointer, leaf in fields.items()}
    agreeing = dict.fromkeys(fields, 0)
    elsewhere: Counter[str] = Counter()
    for others, times in drawn:
        for pointer, leaf in others.items():
            form = forms.get(pointer)
            if form is None:
                elsewhere[pointer] += times
            elif form == leaf.form:
                agreeing[pointer] += times
    missing = any(2 * times > samples for times in elsewhere.values())
    return weakest_field(
        {pointer: count / samples for pointer, count in agreeing.items()},
        raw_value=float(min(agreeing.values())),
        provenance=(("equivalence", "canonical-field"), *provenance),
        flags=(*flags, "field_missing") if missing else flags,
    )

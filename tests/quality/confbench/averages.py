"""What several assignments of sources to folds gave as one: the mean of each figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

T = TypeVar("T")


def mean_of(several: Sequence[T]) -> T:
    """Of alike built values: numbers are averaged, tuples of names joined, the rest is the first's.

    A number that is not there once is not there. A mean varies less than what it is made of: as a
    rule mean ends of intervals lie further apart than those of the mean, and a mean calibration
    error is held to a bound that is no tighter than its own.
    """
    first: Any = several[0]
    if is_dataclass(first):
        averaged = {
            one.name: mean_of([getattr(each, one.name) for each in several])
            for one in fields(first)
        }
        found: Any = replace(first, **averaged)  # type: ignore[type-var]  # an instance, not a class
    elif isinstance(first, dict):
        found = {key: mean_of([each[key] for each in several]) for key in first}  # type: ignore[index]  # alike built
    elif isinstance(first, tuple) and first and isinstance(first[0], str):
        found = tuple(name for each in several for name in each)  # type: ignore[attr-defined]  # alike built
    elif isinstance(first, list | tuple):
        found = type(first)(map(mean_of, zip(*several, strict=True)))
    elif None in several:
        found = None
    elif isinstance(first, float):
        found = sum(several) / len(several)  # type: ignore[arg-type]  # alike built
    else:
        found = first
    return found  # type: ignore[no-any-return]  # built as the first is

"""Makes frozen values at a third of what their own constructors cost.

A frozen dataclass sets each field by a call of `object.__setattr__`. Decoding and measuring make
dozens of values for each record, and a fifth of the time went there: the six fields of a response
took 0.65 µs, and take 0.23 this way. A twin that is not frozen, with the same slots, sets the
fields and then becomes the frozen class: what comes out is an ordinary value, equal, hashable and
frozen.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields, make_dataclass
from dataclasses import field as declared
from typing import Any, TypeVar, cast

Value = TypeVar("Value")


def quick(frozen: type[Value]) -> type[Value]:
    """A constructor of the same arguments; for frozen, slotted classes without factories."""

    def become(self: object) -> None:
        self.__class__ = frozen

    twin = make_dataclass(
        frozen.__name__,
        [_declared(one) for one in fields(cast(Any, frozen))],
        namespace={"__post_init__": become},
        slots=True,
        eq=False,
        repr=False,
    )
    return cast(type[Value], twin)


def _declared(one: Field[Any]) -> tuple[str, object, Field[Any]]:
    if one.default is MISSING:
        return one.name, Any, declared()
    return one.name, Any, declared(default=one.default)

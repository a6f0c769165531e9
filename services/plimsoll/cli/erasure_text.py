"""Orders to erase and their proofs, as people and machines read them."""

from __future__ import annotations

from plimsoll.cli.erasing import Standing
from plimsoll.cli.rendering import plain
from plimsoll.cli.terminal import print_json
from plimsoll.domain.erasure import ErasureReceipt


def standing_facts(one: Standing) -> dict[str, object]:
    """An order by name, never with a subject's ID: terminals are recorded."""
    if one.receipt is not None:
        return receipt_facts(one.receipt) | {"proven": True}
    if one.order is None:
        return {"erasure_id": one.erasure_id, "proven": False}
    order = one.order
    return {
        "erasure_id": order.erasure_id,
        "tenant": order.erasure.tenant,
        "by": order.erasure.by.value,
        "scope_digest": order.erasure.scope.digest.hex(),
        "requested_by": order.requested_by,
        "reason": order.reason,
        "order_time": order.time.isoformat(" ", "seconds"),
        "proven": False,
    }


def receipt_facts(receipt: ErasureReceipt) -> dict[str, object]:
    """The proof by name."""
    scope = receipt.scope
    return {
        "erasure_id": receipt.erasure_id,
        "tenant": scope.tenant,
        "by": scope.by.value,
        "result_id": scope.result_id,
        "scope_digest": scope.digest.hex(),
        "requested_by": receipt.requested_by,
        "reason": receipt.reason,
        "order_time": receipt.order_time.isoformat(" ", "seconds"),
        "erase_time": receipt.time.isoformat(" ", "seconds"),
        "erased": dict(receipt.erased),
        "left": list(receipt.left),
    }


def say(receipt: ErasureReceipt) -> None:
    """Prints the proof for people."""
    for name, fact in receipt_facts(receipt).items():
        if isinstance(fact, dict):
            counts = ", ".join(f"{store} {count}" for store, count in fact.items())
            print(f"{name:16} {counts}")
        elif isinstance(fact, list):
            for line in fact:
                print(f"{name:16} {plain(str(line), 200)}")
        elif fact:
            print(f"{name:16} {plain(str(fact), 1_000)}")


def say_json(receipt: ErasureReceipt) -> None:
    """Prints the proof for machines."""
    print_json(receipt_facts(receipt))

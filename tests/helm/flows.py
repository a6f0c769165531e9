"""Says whether NetworkPolicies let one pod talk to another: Kubernetes' rules, in small."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class End:
    """A pod with its labels, in a namespace; or an address outside of the cluster."""

    labels: dict[str, str] = field(default_factory=dict)
    namespace: str = "scoring"
    address: str = ""


def allowed(
    policies: Sequence[dict[str, Any]], source: End, target: End, port: int, protocol: str = "TCP"
) -> bool:
    """Whether both sides let a connection through; a side without policies lets everything."""
    out = _passes(policies, source, target, "Egress", (port, protocol))
    return out and _passes(policies, target, source, "Ingress", (port, protocol))


def _passes(
    policies: Iterable[dict[str, Any]],
    own: End,
    peer: End,
    direction: str,
    port: tuple[int, str],
) -> bool:
    if own.address:
        return True
    mine = [
        policy["spec"]
        for policy in policies
        if policy["metadata"]["namespace"] == own.namespace
        and direction in policy["spec"]["policyTypes"]
        and _selects(policy["spec"]["podSelector"], own.labels)
    ]
    if not mine:
        return True
    side = "from" if direction == "Ingress" else "to"
    rules = [rule for spec in mine for rule in spec.get(direction.lower(), [])]
    return any(_rule(rule, side, own, peer, port) for rule in rules)


def _rule(rule: dict[str, Any], side: str, own: End, peer: End, port: tuple[int, str]) -> bool:
    ports, peers = rule.get("ports"), rule.get(side)
    if ports and not any((p["port"], p.get("protocol", "TCP")) == port for p in ports):
        return False
    return not peers or any(_peer(one, own, peer) for one in peers)


def _peer(rule: dict[str, Any], own: End, peer: End) -> bool:
    if "ipBlock" in rule:
        if not peer.address:
            return False
        return ipaddress.ip_address(peer.address) in ipaddress.ip_network(rule["ipBlock"]["cidr"])
    if peer.address:
        return False
    if "namespaceSelector" in rule:
        labels = {"kubernetes.io/metadata.name": peer.namespace}
        if not _selects(rule["namespaceSelector"], labels):
            return False
    elif peer.namespace != own.namespace:
        return False
    return _selects(rule.get("podSelector", {}), peer.labels)


def _selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    wanted: dict[str, str] = selector.get("matchLabels", {})
    return wanted.items() <= labels.items()

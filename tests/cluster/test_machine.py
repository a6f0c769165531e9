"""What is looked at before a cluster is begun."""

from __future__ import annotations

from pathlib import Path

from tests.cluster.machine import address_faults
from tests.cluster.node_files import HOST_DEVICE

ELSEWHERE = [
    {"ifname": "lo", "addr_info": [{"family": "inet", "local": "127.0.0.1", "prefixlen": 8}]},
    {"ifname": "eth0", "addr_info": [{"family": "inet6", "local": "fe80::1", "prefixlen": 64}]},
    {
        "ifname": HOST_DEVICE,
        "addr_info": [{"family": "inet", "local": "10.246.0.2", "prefixlen": 30}],
    },
]
ROUTES = [
    {"dst": "default", "dev": "eth0"},
    {"dst": "10.0.0.0/8", "dev": "eth0"},
    {"dst": "10.244.0.0/24", "dev": HOST_DEVICE},
]


def test_networks_in_use_elsewhere_are_no_fault() -> None:
    """Wider routes give way to the cluster's, and what a killed run left is its own."""
    assert list(address_faults(ELSEWHERE, ROUTES)) == []


def test_a_network_of_the_cluster_that_is_in_use_is_named() -> None:
    """The sentence says which network, and by which device."""
    (said,) = address_faults(ELSEWHERE, [*ROUTES, {"dst": "10.244.0.7", "dev": "docker0"}])
    assert said == "10.244.0.0/24 is the cluster's, and 10.244.0.7 of it in use (docker0)"


def test_the_machine_is_fit(programs: Path) -> None:
    """Nothing of what the cluster rests on is missing here: `programs` has looked."""
    assert (programs / "kubelet").is_file()

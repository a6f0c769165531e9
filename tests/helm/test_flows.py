"""Who may talk to whom, flow by flow, as the NetworkPolicies say."""

from __future__ import annotations

import pytest

from tests.helm.flows import End, allowed
from tests.helm.rendering import of_kind, pods, rendered

# By role: what stands for it in the table below.
OUTSIDE = {
    "shop": End({"app": "checkout"}, "shop"),
    "neighbour": End({"app": "neighbour"}),
    "prometheus": End({"app": "prometheus"}, "monitoring"),
    "stranger": End({"app": "stranger"}, "elsewhere"),
    "dns": End({"k8s-app": "kube-dns"}, "kube-system"),
    "broker": End(address="10.0.1.9"),
    "database": End(address="10.0.8.9"),
    "bedrock": End(address="10.0.16.9"),
    "collector": End(address="10.0.24.9"),
    "issuer": End(address="10.0.32.9"),
    "bodies": End(address="10.0.40.9"),
    "internet": End(address="93.184.216.34"),
    "pod-identity": End(address="169.254.170.23"),
}
OURS = ("scorer-default", "indexer", "query", "observer", "jobs")

# Everything on: look-ups from the shop only, scrapes from monitoring only.
TIGHT = {
    ("shop", "query", 8086): True,
    ("jobs", "query", 8086): True,
    ("neighbour", "query", 8086): False,
    ("stranger", "query", 8086): False,
    ("shop", "query", 9090): False,
    ("shop", "query", 8087): False,
    ("shop", "scorer-default", 9090): False,
    ("stranger", "indexer", 9090): False,
    ("scorer-default", "bedrock", 443): True,
    ("scorer-default", "database", 5432): True,
    ("indexer", "database", 5432): True,
    ("query", "database", 5432): True,
    ("observer", "database", 5432): False,
    ("indexer", "bedrock", 443): False,
    ("query", "bedrock", 443): False,
    ("observer", "bedrock", 443): False,
    ("query", "issuer", 443): True,
    ("scorer-default", "issuer", 443): False,
    ("scorer-default", "bodies", 443): True,
    ("query", "bodies", 443): False,
    **{(ours, "collector", 4318): ours not in {"observer", "jobs"} for ours in OURS},
    ("query", "internet", 443): False,
    ("scorer-default", "internet", 443): False,
    ("scorer-default", "indexer", 9090): False,
    ("scorer-default", "query", 8086): False,
    ("scorer-default", "pod-identity", 80): False,
    **{("prometheus", ours, 9090): ours != "jobs" for ours in OURS},
    **{(ours, "broker", 9093): True for ours in OURS},
    **{(ours, "broker", 22): False for ours in OURS},
    **{(ours, "dns", 53): True for ours in OURS},
}
# The defaults: the namespace may look up, everybody may scrape, and anything may go out.
OPEN = {
    ("neighbour", "query", 8086): True,
    ("jobs", "query", 8086): True,
    ("stranger", "query", 8086): False,
    ("prometheus", "scorer-default", 9090): True,
    ("neighbour", "scorer-default", 8086): False,
    ("neighbour", "query", 8087): False,
    ("neighbour", "jobs", 80): False,
    ("scorer-default", "internet", 443): True,
    ("indexer", "database", 5432): True,
}
# MSK with Pod Identity: its agent and the node's DNS are let through.
MSK = {
    **{(ours, "pod-identity", 80): True for ours in OURS},
    **{(ours, "broker", 9098): True for ours in OURS},
    ("scorer-default", "broker", 9092): False,
}


def end(name: str, scenario: str) -> End:
    """What a name in the tables stands for."""
    if name in OUTSIDE:
        return OUTSIDE[name]
    labels = [pod["metadata"]["labels"] for _, pod in pods(rendered(scenario))]
    (*_, mine) = [one for one in labels if one["app.kubernetes.io/component"] == name]
    return End(mine)


@pytest.mark.parametrize(
    ("scenario", "flow", "wanted"),
    [
        (scenario, flow, wanted)
        for scenario, table in (
            ("everything-on", TIGHT),
            ("minimal", OPEN),
            ("msk-iam-pod-identity", MSK),
        )
        for flow, wanted in table.items()
    ],
)
def test_a_flow(scenario: str, flow: tuple[str, str, int], wanted: bool) -> None:
    """It passes where the table says so, and nowhere else."""
    source, target, port = flow
    policies = of_kind(rendered(scenario), "NetworkPolicy")
    protocol = "UDP" if port == 53 else "TCP"
    found = allowed(policies, end(source, scenario), end(target, scenario), port, protocol)
    assert found is wanted


def test_the_doctor_reaches_what_it_looks_at() -> None:
    """Where what goes out is listed, `helm test` still reaches brokers, store and look-ups."""
    scenario = "msk-iam-pod-identity"
    policies = of_kind(rendered(scenario), "NetworkPolicy")
    doctor, query = end("jobs", scenario), end("query", scenario)
    assert allowed(policies, doctor, query, 8086)
    assert allowed(policies, doctor, OUTSIDE["broker"], 9098)
    assert allowed(policies, doctor, OUTSIDE["database"], 5432)
    assert not allowed(policies, doctor, OUTSIDE["internet"], 443)


def test_policies_can_be_switched_off() -> None:
    """And the evaluator lets through what no policy selects."""
    assert allowed([], OUTSIDE["stranger"], End({"a": "b"}), 1)

"""cdk-nag's rules for AWS solutions are kept, but for what is listed here with its reason."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.infra_tools import run_tool

EVERYWHERE = ("dev", "existing", "prod")
CREATED = ("dev", "prod")
# (where, construct, rule): why it is not kept.
ACCEPTED = {
    (CREATED, "NodeRole", "IAM4"): "EKS Auto Mode asks for these policies of AWS on its roles",
    (CREATED, "ClusterRole", "IAM4"): "EKS Auto Mode asks for these policies of AWS on its roles",
    (EVERYWHERE, "ScorerRole", "IAM5"): "a profile passes calls on to regions of its choice",
    (EVERYWHERE, "ObserverRole", "IAM5"): "faust names the observer's own topics by their prefix",
    (("dev",), "Store", "RDS10"): "dev is taken away again",
    (("dev",), "Cluster", "EKS1"): "dev's API is open to one range of addresses",
    (("existing",), "StoreGroup", "EC23"): "the VPC's addresses are a parameter",
}


def test_only_accepted_rules_are_not_kept(tmp_path: Path) -> None:
    """What the rules say of the three stacks is the list above, no more and no less."""
    answer = run_tool("infra.nag", str(tmp_path))
    report = tmp_path / "validation-report.json"
    assert report.is_file(), answer.stderr[-2000:]
    (rules,) = json.loads(report.read_text())["pluginReports"]
    found = {
        (construct["constructPath"], _rule(violation["ruleName"]))
        for violation in rules["violations"]
        for construct in violation["violatingConstructs"]
    }
    assert rules["pluginName"] == "AwsSolutions"
    assert found == {
        (f"plimsoll-{name}/{construct}", rule)
        for names, construct, rule in ACCEPTED
        for name in names
    }


def _rule(name: str) -> str:
    """The rule's name without its pack and what it found."""
    return name.partition("[")[0].removeprefix("AwsSolutions-").partition("-")[0]

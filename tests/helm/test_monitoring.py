"""Alerts fire when they should, and alerts and dashboards use only names that the code exports."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from plimsoll.cli.telemetry_reference import instruments
from plimsoll.ports.telemetry import (
    CALIBRATIONS_READ,
    CALIBRATIONS_WITHDRAWN,
    CERTIFICATES,
    CERTIFICATES_REVOKED,
    LABELS_READ,
    LEARNER,
    Instrument,
    Kind,
)
from tests.helm.rendering import named, of_kind, render, rendered
from tests.helm.schema import alerts
from tests.helm.values_file import CHART
from tests.house.tree import ROOT
from tests.support.promtool import require_promtool

RULES = CHART / "files" / "rules"
DASHBOARDS = sorted((CHART / "files" / "dashboards").glob("*.json"))
# Labels that Prometheus puts on what it scrapes from pods.
OF_SCRAPES = {"namespace", "pod", "instance", "job", "container", "le"}
SUFFIXES = {
    Kind.COUNTER: ("_total",),
    Kind.GAUGE: ("",),
    Kind.HISTOGRAM: ("_bucket", "_sum", "_count"),
}


@cache
def exported() -> dict[str, Instrument]:
    """Every series that the code exports, by the name that Prometheus gives it."""
    return {f"{one.name}{end}": one for one in instruments() for end in SUFFIXES[one.kind]}


def recorded() -> set[str]:
    """Names of the series that the rules themselves make."""
    return {rule["record"] for rule in rules() if "record" in rule}


def rules() -> Iterator[dict[str, Any]]:
    """All rules of all files."""
    for path in RULES.glob("*.yaml"):
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            yield from group["rules"]


def expressions(path: Path) -> list[str]:
    """The queries of a dashboard."""
    board = json.loads(path.read_text(encoding="utf-8"))
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def strangers(expression: str) -> set[str]:
    """Names in a query that nothing exports."""
    return set(re.findall(r"\bplimsoll[\w:]+", expression)) - exported().keys() - recorded()


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs promtool."""
    command = [str(require_promtool()), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.parametrize("path", sorted(RULES.glob("*.yaml")), ids=lambda path: path.name)
def test_prometheus_takes_the_rules(path: Path) -> None:
    """As promtool checks them."""
    answer = promtool("check", "rules", str(path))
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    "path", sorted((RULES / "tests").glob("*.yaml")), ids=lambda path: path.name
)
def test_alerts_fire_when_they_should(path: Path) -> None:
    """As promtool tests them, on made-up series."""
    answer = promtool("test", "rules", str(path))
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_every_alert_is_tested_both_ways() -> None:
    """In one namespace it fires, and in another, at the same time, it is quiet."""
    tested = []
    for path in (RULES / "tests").glob("*.yaml"):
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]:
            (case,) = test["alert_rule_test"]
            (fired,) = case["exp_alerts"]
            tested.append(case["alertname"])
            assert fired["exp_labels"]["namespace"] == "ns"
            given = " ".join(series["series"] for series in test["input_series"])
            assert 'namespace="ns"' in given
            assert 'namespace="quiet"' in given
    assert list(dict.fromkeys(tested)) == [rule["alert"] for rule in alerts()]


def test_rules_use_names_that_the_code_exports() -> None:
    """No series in an alert is a stranger."""
    assert {name for rule in rules() for name in strangers(rule["expr"])} == set()


def test_rules_select_by_labels_that_the_code_sets() -> None:
    """A label in a selector, a grouping or a text is one of the series or of the scrape."""
    known = OF_SCRAPES | {label for one in exported().values() for label in one.labels}
    for rule in rules():
        groups = re.findall(r"\b(?:by|on) \(([^)]*)\)", rule["expr"])
        said = {label.strip() for group in groups for label in group.split(",")}
        said |= set(re.findall(r"(\w+)=~?\"", rule["expr"]))
        said |= set(re.findall(r"\$labels\.(\w+)", str(rule.get("annotations"))))
        assert said <= known, rule


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.name)
def test_dashboards_use_names_that_the_code_exports(path: Path) -> None:
    """No series in a panel is a stranger, and each panel takes its source from the variable."""
    board = json.loads(path.read_text(encoding="utf-8"))
    assert {name for text in expressions(path) for name in strangers(text)} == set()
    variables = {one["name"] for one in board["templating"]["list"]}
    assert variables == {"datasource", "namespace"}
    for panel in board["panels"]:
        assert panel["datasource"]["uid"] == "${datasource}"
        assert all("$namespace" in target["expr"] for target in panel["targets"])
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_most_series_can_be_seen() -> None:
    """Three quarters of what the code exports is on a dashboard or in an alert."""
    seen = " ".join([*(rule["expr"] for rule in rules()), *map(str, map(expressions, DASHBOARDS))])
    names = {one.name for one in exported().values()}
    shown = {one.name for name, one in exported().items() if name in seen}
    assert len(shown) >= 0.75 * len(names), names - shown


def test_all_of_learning_can_be_seen() -> None:
    """Labels by outcome, certificates by state, what was taken back, and who learns and reads."""
    (path,) = [path for path in DASHBOARDS if path.name == "learning.json"]
    shown = " ".join(expressions(path))
    told = (
        LEARNER,
        LABELS_READ,
        CERTIFICATES,
        CERTIFICATES_REVOKED,
        CALIBRATIONS_WITHDRAWN,
        CALIBRATIONS_READ,
    )
    for one in told:
        assert any(f"({one.name}{end}{{" in shown for end in SUFFIXES[one.kind]), one.name
        for label in one.labels:
            assert re.search(rf"by \([^)]*\b{label}\b[^)]*\) \({one.name}", shown), one.name


def test_every_alert_has_its_runbook() -> None:
    """A heading in docs/runbooks.md for each, in their order, and none besides."""
    text = (ROOT / "docs" / "runbooks.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\w+)$", text, re.MULTILINE) == [rule["alert"] for rule in alerts()]


def test_values_change_alerts() -> None:
    """Threshold, severity, patience and whether there is one; the rest stays as it was tested."""
    (rule,) = of_kind(rendered("everything-on"), "PrometheusRule")
    found = {r["alert"]: r for g in rule["spec"]["groups"] for r in g["rules"] if "alert" in r}
    assert "PlimsollNotReady" not in found
    changed = found["PlimsollDeadLetters"]
    assert changed["expr"].strip() == "plimsoll:dead_letter_ratio:rate15m > 0.05"
    assert (changed["for"], changed["labels"]["severity"]) == ("30m", "critical")
    assert changed["annotations"]["runbook_url"].endswith("docs/runbooks.md#plimsolldeadletters")
    for shipped in alerts():
        if shipped["alert"] not in {"PlimsollDeadLetters", "PlimsollNotReady"}:
            assert found[shipped["alert"]]["expr"] == shipped["expr"]


def test_dashboards_are_where_the_sidecar_looks() -> None:
    """A ConfigMap each, with the label; elsewhere where values say so."""
    on = {"metrics": {"dashboards": {"enabled": True, "namespace": "grafana"}}}
    maps = [m for m in of_kind(render(on), "ConfigMap") if "-dashboard-" in m["metadata"]["name"]]
    assert len(maps) == len(DASHBOARDS)
    for one in maps:
        assert one["metadata"]["labels"]["grafana_dashboard"] == "1"
        assert one["metadata"]["namespace"] == "grafana"
        assert all(json.loads(text)["uid"] for text in one["data"].values())


def test_every_pod_of_a_service_is_scraped() -> None:
    """The PodMonitor selects all of them by labels and port."""
    things = rendered("everything-on")
    (monitor,) = of_kind(things, "PodMonitor")
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    port = monitor["spec"]["podMetricsEndpoints"][0]["port"]
    for deployment in of_kind(things, "Deployment"):
        pod = deployment["spec"]["template"]
        assert wanted <= pod["metadata"]["labels"].items()
        names = {p["name"] for c in pod["spec"]["containers"] for p in c.get("ports", [])}
        assert port in names
    assert named(things, "PodMonitor", "plimsoll") is monitor

"""compose.yaml runs what the chart runs: the same services, commands, ports and settings."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from plimsoll.settings.fields import every_setting
from plimsoll.settings.model import Settings, load_settings
from tests.helm.rendering import Thing, named, of_kind, render
from tests.helm.test_monitoring import promtool
from tests.house.tree import ROOT

SERVICES = ("scorer", "indexer", "query", "observer")
NAMES = {"scorer": "scorer-default"}
DSN = "postgresql://plimsoll:plimsoll@postgres:5432/plimsoll"


@cache
def compose() -> dict[str, Any]:
    """The services of the file."""
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["services"]
    return found


@cache
def chart() -> tuple[Thing, ...]:
    """The chart, with the values that one machine calls for."""
    return render(
        {
            "kafka": {
                "bootstrapServers": "kafka:9092",
                "provision": {"mode": "job", "replication": 1},
            },
            "config": {"observer": {"replication": 1}},
        }
    )


def pod_of(service: str) -> Thing:
    """The chart's pod of the same name."""
    found: Thing = named(chart(), "Deployment", f"-{NAMES.get(service, service)}")
    return found["spec"]["template"]["spec"]  # type: ignore[no-any-return]  # YAML


def ours() -> dict[str, Any]:
    """The services that run our image."""
    return {name: one for name, one in compose().items() if "plimsoll" in one["image"]}


@pytest.mark.parametrize("service", SERVICES)
def test_settings_are_the_charts(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a service reads in compose.yaml is what it reads in the chart, setting by setting."""
    data = named(chart(), "ConfigMap", f"-{NAMES.get(service, service)}")["data"]
    path = tmp_path / "plimsoll.yaml"
    path.write_text(data["plimsoll.yaml"], encoding="utf-8")
    environment = compose()[service]["environment"]
    with monkeypatch.context() as patch:
        if "PLIMSOLL_STORE__POSTGRES__DSN" in environment:
            patch.setenv("PLIMSOLL_STORE__POSTGRES__DSN", DSN)
        in_cluster = load_settings(path)
    with monkeypatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        here = load_settings()
    assert here == in_cluster


@pytest.mark.parametrize("service", SERVICES)
def test_containers_are_as_bounded_as_the_charts(service: str) -> None:
    """The same command, image, user and time to drain; a root that is read only; no capability."""
    one, pod = compose()[service], pod_of(service)
    (container, *_) = pod["containers"]
    assert one["command"] == container["args"]
    assert one["image"] == container["image"]
    assert one["user"] == f"{pod['securityContext']['runAsUser']}:10001"
    assert one["read_only"] is container["securityContext"]["readOnlyRootFilesystem"] is True
    assert one["cap_drop"] == container["securityContext"]["capabilities"]["drop"]
    assert one["stop_grace_period"] == f"{pod['terminationGracePeriodSeconds']}s"


def test_every_variable_sets_something() -> None:
    """Names of variables are those of settings."""
    known = {setting.variable for setting in every_setting(Settings)}
    for name, one in ours().items():
        assert set(one["environment"]) <= known, name


def test_jobs_are_the_charts() -> None:
    """Topics and tables are made by the same commands."""
    wanted = [
        job["spec"]["template"]["spec"]["containers"][0]["args"] for job in of_kind(chart(), "Job")
    ]
    assert sorted(wanted) == sorted(
        [compose()["topics"]["command"], compose()["migrate"]["command"]]
    )


def test_ports_are_this_machines_only() -> None:
    """Each is bound to the loopback address, and images have versions."""
    for name, one in compose().items():
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", [])), name
        assert not re.search(r":latest$|^[^:]+$", one["image"]), name


def test_prometheus_and_grafana_have_the_charts_files() -> None:
    """Rules and dashboards are mounted from the chart, and each service is scraped."""
    mounts = [*compose()["prometheus"]["volumes"], *compose()["grafana"]["volumes"]]
    for mount in mounts:
        assert (ROOT / mount.partition(":")[0]).exists()
    assert any("helm/plimsoll/files/rules" in mount for mount in mounts)
    assert any("helm/plimsoll/files/dashboards" in mount for mount in mounts)
    file = ROOT / "compose" / "prometheus.yaml"
    answer = promtool("check", "config", "--syntax-only", str(file))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    (job,) = yaml.safe_load(file.read_text(encoding="utf-8"))["scrape_configs"]
    targets = {config["targets"][0] for config in job["static_configs"]}
    assert targets == {f"{service}:9090" for service in SERVICES}

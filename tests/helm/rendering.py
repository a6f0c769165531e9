"""Renders the chart with real Helm, and reads what comes out."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.helm.values_file import CHART
from tests.support.helm import require_helm

RELEASE = "p"
NAMESPACE = "scoring"
KUBERNETES = "1.36.0"
# What a cluster knows where every operator is installed.
KINDS = (
    "keda.sh/v1alpha1/ScaledObject",
    "monitoring.coreos.com/v1/PodMonitor",
    "monitoring.coreos.com/v1/PrometheusRule",
    "gateway.networking.k8s.io/v1/GRPCRoute",
    "kafka.strimzi.io/v1/KafkaTopic",
    "external-secrets.io/v1/ExternalSecret",
    "cert-manager.io/v1/Certificate",
)
Thing = dict[str, Any]


def scenarios() -> list[str]:
    """Names of the values in ci/, in order."""
    return sorted(p.name.removesuffix("-values.yaml") for p in (CHART / "ci").glob("*-values.yaml"))


def values_of(scenario: str) -> Path:
    """The file of a scenario."""
    return CHART / "ci" / f"{scenario}-values.yaml"


@cache
def rendered(scenario: str, major: int = 4) -> tuple[Thing, ...]:
    """Every object of a scenario."""
    answer = template(values_of(scenario), major=major)
    if answer.returncode:
        raise AssertionError(f"{scenario}: {answer.stderr}")
    return things(answer.stdout)


def render(
    values: Mapping[str, Any], on: str = "minimal", chart: Path = CHART
) -> tuple[Thing, ...]:
    """Every object of a scenario with other values over it."""
    answer = attempt(values, on, chart)
    if answer.returncode:
        raise AssertionError(answer.stderr)
    return things(answer.stdout)


def refusal(values: Mapping[str, Any], on: str = "minimal", *kinds: str) -> str:
    """What Helm says of values that it has to refuse."""
    answer = attempt(values, on, CHART, kinds)
    if answer.returncode == 0:
        raise AssertionError(f"{values} were rendered")
    return answer.stderr


def attempt(
    values: Mapping[str, Any], on: str, chart: Path = CHART, kinds: Iterable[str] = KINDS
) -> subprocess.CompletedProcess[str]:
    """Renders a scenario with other values over it."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        yaml.safe_dump(dict(values), file)
        file.flush()
        files = [values_of(on)] if on else []
        return template(*files, Path(file.name), chart=chart, kinds=kinds)


def template(
    *files: Path, major: int = 4, chart: Path = CHART, kinds: Iterable[str] = KINDS
) -> subprocess.CompletedProcess[str]:
    """Runs `helm template` as a cluster with those kinds would be asked."""
    command = ["template", RELEASE, str(chart), "--namespace", NAMESPACE]
    command += ["--kube-version", KUBERNETES]
    command += [part for kind in kinds for part in ("--api-versions", kind)]
    command += [part for file in files for part in ("--values", str(file))]
    return helm(*command, major=major)


def helm(*arguments: str, major: int = 4) -> subprocess.CompletedProcess[str]:
    """Runs Helm without anything of this machine's user."""
    nowhere = os.environ | {"HELM_CONFIG_HOME": "/nonexistent", "KUBECONFIG": "/nonexistent"}
    return subprocess.run(
        [str(require_helm(major)), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=nowhere,
        timeout=300,
    )


def things(text: str) -> tuple[Thing, ...]:
    """The objects of a stream, without empty documents."""
    found = [thing for thing in yaml.load_all(text, Loader=yaml.CSafeLoader) if thing]
    return tuple(sorted(found, key=_place))


def of_kind(all_of: Iterable[Thing], kind: str) -> list[Thing]:
    """Those of a kind."""
    return [thing for thing in all_of if thing["kind"] == kind]


def named(all_of: Iterable[Thing], kind: str, ending: str) -> Thing:
    """The one of a kind whose name ends so."""
    (found,) = [t for t in of_kind(all_of, kind) if t["metadata"]["name"].endswith(ending)]
    return found


def pods(all_of: Iterable[Thing]) -> list[tuple[str, Thing]]:
    """Every pod that is made, with its owner's kind and name; its labels and annotations too."""
    found = []
    for thing in all_of:
        where = f"{thing['kind']}/{thing['metadata']['name']}"
        if thing["kind"] == "Pod":
            found.append((where, thing))
        elif "template" in thing.get("spec", {}) and thing["kind"] in {"Deployment", "Job"}:
            found.append((where, thing["spec"]["template"]))
    return found


def golden(all_of: Iterable[Thing]) -> str:
    """As golden files hold it: one order, one style, and dashboards by their digest."""
    return yaml.dump_all(
        [_short(thing) for thing in all_of], Dumper=_Dumper, sort_keys=True, width=120
    )


class _Dumper(yaml.CSafeDumper):
    """Writes text of many lines as it is read."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, data: str) -> Any:
    style = "|" if "\n" in data else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(str, _text)


def _short(thing: Thing) -> Thing:
    if "-dashboard-" not in thing["metadata"]["name"]:
        return thing
    data = {
        name: f"sha256:{hashlib.sha256(text.encode()).hexdigest()}\n"
        for name, text in thing["data"].items()
    }
    return {**thing, "data": data}


def _place(thing: Thing) -> tuple[str, str, str]:
    metadata = thing["metadata"]
    return thing["kind"], metadata.get("namespace", ""), metadata["name"]

"""A release of the chart on the test cluster: Helm's commands, its pods, and its Services."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster.image import ROOT
from tests.cluster.node import Cluster, said_by

CHART = ROOT / "helm" / "plimsoll"
NAME = "plim"
SECRET = "store"
SCORERS = "scorer-default"
# Little enough for all of them on a small machine; limits stay as the chart has them.
SMALL = {"requests": {"cpu": "10m", "memory": "64Mi"}}


def values(bootstrap: str) -> dict[str, Any]:
    """What an operator would write for this cluster, with the image that was loaded."""
    return {
        "image": {
            "registry": "localhost",
            "repository": "plimsoll",
            "tag": "test",
            "pullPolicy": "Never",
        },
        "kafka": {
            "bootstrapServers": bootstrap,
            "provision": {"mode": "job", "replication": 1},
        },
        "config": {"observer": {"replication": 1}},
        "store": {"postgres": {"existingSecret": SECRET}},
        "scorerDefaults": {"resources": SMALL, "minReadySeconds": 1},
        **{
            name: {"resources": SMALL, "minReadySeconds": 1}
            for name in ("indexer", "query", "observer")
        },
    }


def over(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Values with others over them, key by key, as Helm merges them."""
    merged = dict(base)
    for key, value in changes.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = over(merged[key], value) if both else value
    return merged


@dataclass(frozen=True, slots=True)
class Release:
    """One release in one namespace."""

    cluster: Cluster
    helm_program: Path
    namespace: str
    name: str = NAME

    def helm(self, *arguments: str, values: Mapping[str, Any] | None = None) -> str:
        """What Helm prints; ClusterError where it fails."""
        command = [str(self.helm_program), "--kubeconfig", str(self.cluster.kubeconfig)]
        command += ["--namespace", self.namespace, *arguments]
        if values is None:
            return said_by(command)
        return said_by([*command, "--values", "-"], json.dumps(values))

    def install(self, values: Mapping[str, Any]) -> None:
        """Installs the chart and waits until all of it is ready."""
        self.helm("install", self.name, str(CHART), *_WAIT, values=values)

    def upgrade(self, values: Mapping[str, Any]) -> None:
        """Upgrades and waits until all of it is ready."""
        self.helm("upgrade", self.name, str(CHART), *_WAIT, values=values)

    def roll_back(self) -> None:
        """Goes back to the revision before, and waits likewise."""
        self.helm("rollback", self.name, *_WAIT)

    def kubectl(self, *arguments: str) -> str:
        """What kubectl says in the release's namespace."""
        return self.cluster.kubectl("--namespace", self.namespace, *arguments)

    def query_address(self) -> str:
        """host:port of the query Service, as pods and this machine reach it."""
        path = "jsonpath={.spec.clusterIP}:{.spec.ports[0].port}"
        return self.kubectl("get", "service", f"{self.name}-plimsoll-query", "-o", path)

    def pods(self, component: str) -> list[str]:
        """Names of a component's pods that are not being deleted."""
        listed = json.loads(self.kubectl("get", "pods", "-l", _selector(component), "-o", "json"))
        return sorted(
            pod["metadata"]["name"]
            for pod in listed["items"]
            if "deletionTimestamp" not in pod["metadata"]
        )

    def whole(self) -> bool:
        """Whether every Deployment has all its pods, ready and of the newest kind."""
        listed = json.loads(self.kubectl("get", "deployments", "-o", "json"))["items"]
        counts = ("replicas", "updatedReplicas", "readyReplicas")
        return all(
            item["status"].get(name) == item["spec"]["replicas"]
            for item in listed
            for name in counts
        )

    def ready(self, component: str) -> int:
        """How many pods of a component are ready."""
        name = f"{self.name}-plimsoll-{component}"
        said = self.kubectl("get", "deployment", name, "-o", "jsonpath={.status.readyReplicas}")
        return int(said or 0)

    def kill(self, pod: str) -> None:
        """SIGKILL to the pod's first container, as the kernel does it when memory is short."""
        path = "jsonpath={.status.containerStatuses[0].containerID}"
        found = self.kubectl("get", "pod", pod, "-o", path).removeprefix("containerd://")
        self.cluster.ctr("--namespace", "k8s.io", "tasks", "kill", "--signal", "SIGKILL", found)

    def restarts(self, pod: str) -> int:
        """How often the pod's first container was started again."""
        path = "jsonpath={.status.containerStatuses[0].restartCount}"
        return int(self.kubectl("get", "pod", pod, "-o", path))


_WAIT = ("--wait", "--timeout", "15m")


def _selector(component: str) -> str:
    return f"app.kubernetes.io/instance={NAME},app.kubernetes.io/component={component}"

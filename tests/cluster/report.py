"""What a cluster looks like when a test on it has failed: objects, events, last words of all."""

from __future__ import annotations

from collections.abc import Iterator

from tests.cluster.node import Cluster, ClusterError

_LINES = 25
_EVENTS = 60


def state_of(cluster: Cluster) -> str:
    """Everything that helps to understand a failure; what cannot be asked says why."""
    return "\n".join(_parts(cluster))


def _parts(cluster: Cluster) -> Iterator[str]:
    yield _said(cluster, "get", "nodes,all,pdb,jobs", "--all-namespaces", "-o", "wide")
    events = ("get", "events", "--all-namespaces", "--sort-by=.lastTimestamp")
    yield "\n".join(_said(cluster, *events).splitlines()[-_EVENTS:])
    pods = "jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}{'\\n'}{end}"
    for pod in _said(cluster, "get", "pods", "--all-namespaces", "-o", pods).splitlines():
        namespace, _, name = pod.partition(" ")
        for kind in ("--previous=false", "--previous=true"):
            words = ("logs", name, "--all-containers", "--ignore-errors", f"--tail={_LINES}", kind)
            yield f"--- {pod} {kind}\n{_said(cluster, '--namespace', namespace, *words)}"
    for log in sorted(cluster.directory.glob("*.log")):
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LINES:]
        yield "\n".join((f"--- {log}", *last))


def _said(cluster: Cluster, *arguments: str) -> str:
    try:
        return cluster.kubectl("--request-timeout=20s", *arguments)
    except ClusterError as error:
        return str(error)

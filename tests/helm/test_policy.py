"""What holds for every object that the chart renders, in every scenario."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import yaml

from tests.helm.rendering import (
    NAMESPACE,
    RELEASE,
    Thing,
    of_kind,
    pods,
    rendered,
    scenarios,
)

every_scenario = pytest.mark.parametrize("scenario", scenarios())
SELECTED = {
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
}


def containers(scenario: str) -> Iterator[tuple[str, Thing, Thing]]:
    """Every container with its place and its pod's spec."""
    for where, pod in pods(rendered(scenario)):
        spec = pod["spec"]
        for container in [*spec["containers"], *spec.get("initContainers", [])]:
            yield f"{where}/{container['name']}", spec, container


@every_scenario
def test_pods_keep_to_the_restricted_standard(scenario: str) -> None:
    """Pod Security Standards, `restricted`: users, seccomp, capabilities, volumes, host."""
    for where, spec, container in containers(scenario):
        pod, own = spec["securityContext"], container["securityContext"]
        assert pod["runAsNonRoot"] is True, where
        assert pod["runAsUser"] >= 1, where
        assert pod["seccompProfile"]["type"] in {"RuntimeDefault", "Localhost"}, where
        assert own["allowPrivilegeEscalation"] is False, where
        assert own["capabilities"] == {"drop": ["ALL"]}, where
        assert own["readOnlyRootFilesystem"] is True, where
        assert not own.get("privileged"), where
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys(), where
        kinds = {next(iter(v.keys() - {"name"})) for v in spec["volumes"]}
        permitted = {"configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret"}
        assert kinds <= permitted, where
        assert not any("hostPort" in port for port in container.get("ports", [])), where


@every_scenario
def test_no_pod_has_a_token_or_the_default_account(scenario: str) -> None:
    """A service account for each component, which the API server knows nothing of by a token."""
    accounts = {t["metadata"]["name"]: t for t in of_kind(rendered(scenario), "ServiceAccount")}
    assert all(t["automountServiceAccountToken"] is False for t in accounts.values())
    used: dict[str, set[str]] = {}
    for _, pod in pods(rendered(scenario)):
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["enableServiceLinks"] is False
        name = spec["serviceAccountName"]
        assert name in accounts
        component = pod["metadata"]["labels"]["app.kubernetes.io/component"]
        used.setdefault(name, set()).add(component)
    assert all(len(components) == 1 for components in used.values())
    assert set(used) == set(accounts) or set(accounts) - set(used) == {f"{RELEASE}-plimsoll-jobs"}


@every_scenario
def test_containers_ask_for_what_they_need(scenario: str) -> None:
    """CPU and memory are requested, memory is limited, and CPU is not throttled."""
    for where, _, container in containers(scenario):
        if container["name"] == "otel":
            continue
        resources = container["resources"]
        assert set(resources["requests"]) == {"cpu", "memory"}, where
        assert set(resources["limits"]) == {"memory"}, where


@every_scenario
def test_services_are_probed(scenario: str) -> None:
    """Start, life and readiness: gRPC on a port of its own, or HTTP beside the scrapes."""
    for where, spec, container in containers(scenario):
        if container.get("args", [""])[0] not in {"scorer", "indexer", "query", "observer"}:
            continue
        probes = [container[f"{kind}Probe"] for kind in ("startup", "liveness", "readiness")]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        if container["args"] == ["query"]:
            assert [p["grpc"]["port"] for p in probes] == [ports["health"]] * 3, where
            said = [p["grpc"]["service"] for p in probes]
            assert said == ["liveness", "liveness", "readiness"], where
            assert ports["health"] != ports["grpc"], where
        else:
            paths = [p["httpGet"]["path"] for p in probes]
            assert paths == ["/livez", "/livez?within_s=90", "/readyz"], where
            assert {p["httpGet"]["port"] for p in probes} <= set(ports), where
        assert spec["terminationGracePeriodSeconds"] >= 30, where


@every_scenario
def test_pods_are_spread(scenario: str) -> None:
    """Deployments go over zones and nodes, and never wait for it."""
    for deployment in of_kind(rendered(scenario), "Deployment"):
        spread = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
        keys = [one["topologyKey"] for one in spread]
        assert keys == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
        for one in spread:
            assert one["whenUnsatisfiable"] == "ScheduleAnyway"
            assert (
                one["labelSelector"]["matchLabels"] == deployment["spec"]["selector"]["matchLabels"]
            )


@every_scenario
def test_disruptions_are_bounded_and_never_forbidden(scenario: str) -> None:
    """Each Deployment has a budget that lets one pod go, even a sick one, even the only one."""
    budgets = of_kind(rendered(scenario), "PodDisruptionBudget")
    selected = [budget["spec"]["selector"]["matchLabels"] for budget in budgets]
    for deployment in of_kind(rendered(scenario), "Deployment"):
        assert selected.count(deployment["spec"]["selector"]["matchLabels"]) == 1
    for budget in budgets:
        assert budget["spec"]["maxUnavailable"] == 1
        assert budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


@every_scenario
def test_selectors_hold_nothing_that_changes(scenario: str) -> None:
    """Name, instance and component: no version and no chart, so that any upgrade is possible."""
    for deployment in of_kind(rendered(scenario), "Deployment"):
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        selector = deployment["spec"]["selector"]["matchLabels"]
        assert set(selector) == SELECTED
        assert selector.items() <= labels.items()
        assert not any("version" in name or "chart" in name for name in labels)


@every_scenario
def test_everything_bears_its_labels_and_namespace(scenario: str) -> None:
    """Every object of ours says whose it is; only Strimzi's go to another namespace."""
    for thing in rendered(scenario):
        metadata = thing["metadata"]
        if metadata["name"].endswith("-extra"):
            continue
        assert metadata["labels"].keys() >= {*SELECTED, "helm.sh/chart"}, metadata["name"]
        allowed = {NAMESPACE, "kafka"} if thing["kind"].startswith("Kafka") else {NAMESPACE}
        assert metadata["namespace"] in allowed
        assert len(metadata["name"]) <= 63


@every_scenario
def test_no_object_holds_a_secret(scenario: str) -> None:
    """No Secret is rendered, and no credential stands in an environment or a settings file."""
    assert of_kind(rendered(scenario), "Secret") == []
    for where, _, container in containers(scenario):
        for variable in container.get("env", []):
            hidden = re.search(r"PASSWORD$|DSN$|KEY$|TOKEN$|SECRET$", variable["name"])
            assert not hidden or "secretKeyRef" in variable["valueFrom"], where
    for settings in of_kind(rendered(scenario), "ConfigMap"):
        text = yaml.safe_dump(settings.get("data", {}))
        assert not re.search(r"(?i)(password|dsn|api_key|token|nonce_secret): *\S", text)


@every_scenario
def test_replicas_belong_to_the_autoscaler(scenario: str) -> None:
    """Where something scales a Deployment, the chart says nothing of its size."""
    scaled = {
        thing["spec"]["scaleTargetRef"]["name"]
        for kind in ("ScaledObject", "HorizontalPodAutoscaler")
        for thing in of_kind(rendered(scenario), kind)
    }
    for deployment in of_kind(rendered(scenario), "Deployment"):
        assert ("replicas" in deployment["spec"]) != (deployment["metadata"]["name"] in scaled)


@every_scenario
def test_hooks_need_nothing_that_comes_after_them(scenario: str) -> None:
    """A job before the first install brings its own account and settings."""
    hooks = [
        t for t in rendered(scenario) if "pre-install" in str(t["metadata"].get("annotations"))
    ]
    there = {(t["kind"], t["metadata"]["name"]) for t in hooks}
    for _, pod in pods(hooks):
        spec = pod["spec"]
        assert ("ServiceAccount", spec["serviceAccountName"]) in there
        maps = [v["configMap"]["name"] for v in spec["volumes"] if "configMap" in v]
        assert all(("ConfigMap", name) in there for name in maps)


@every_scenario
def test_what_is_mounted_is_there(scenario: str) -> None:
    """Each mount has its volume, and each ConfigMap of a volume is rendered."""
    maps = {t["metadata"]["name"] for t in of_kind(rendered(scenario), "ConfigMap")}
    for where, spec, container in containers(scenario):
        volumes = {volume["name"]: volume for volume in spec["volumes"]}
        mounts = container.get("volumeMounts", [])
        assert {mount["name"] for mount in mounts} <= set(volumes), where
        paths = [mount["mountPath"] for mount in mounts]
        assert len(set(paths)) == len(paths), where
        # The runtime cannot make a folder in a mount that is read only.
        assert not any(a != b and a.startswith(f"{b}/") for a in paths for b in paths), where
        assert all(v["configMap"]["name"] in maps for v in volumes.values() if "configMap" in v)

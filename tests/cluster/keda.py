"""Real KEDA beside the cluster's control plane: its operator and its metrics API."""

from __future__ import annotations

from tests.cluster import node_files as node
from tests.cluster.node import Cluster

NAMESPACE = "keda"
OPERATOR = "keda-operator.keda.svc"
ADAPTER_PORT = 6444
GROUP = "external.metrics.k8s.io"
# What the pods of KEDA's chart are told; it watches every namespace.
VARIABLES = {
    "POD_NAMESPACE": NAMESPACE,
    "POD_NAME": "keda-operator",
    "WATCH_NAMESPACE": "",
    "KEDA_CLUSTER_OBJECT_NAMESPACE": NAMESPACE,
}
OBJECTS = (
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "keda-metrics", "namespace": NAMESPACE},
        "spec": {"ports": [{"name": "https", "port": 443, "targetPort": ADAPTER_PORT}]},
    },
    {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": "keda-metrics-1",
            "namespace": NAMESPACE,
            "labels": {"kubernetes.io/service-name": "keda-metrics"},
        },
        "addressType": "IPv4",
        "ports": [{"name": "https", "port": ADAPTER_PORT}],
        "endpoints": [{"addresses": [node.NODE_ADDRESS], "conditions": {"ready": True}}],
    },
    {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": f"v1beta1.{GROUP}"},
        "spec": {
            "group": GROUP,
            "version": "v1beta1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "insecureSkipTLSVerify": True,
            "service": {"name": "keda-metrics", "namespace": NAMESPACE},
        },
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "external-metrics"},
        "rules": [{"apiGroups": [GROUP], "resources": ["*"], "verbs": ["*"]}],
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "autoscaler-external-metrics"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "external-metrics",
        },
        "subjects": [
            {
                "kind": "ServiceAccount",
                "name": "horizontal-pod-autoscaler",
                "namespace": "kube-system",
            }
        ],
    },
)


def start_keda(cluster: Cluster) -> None:
    """Returns when the autoscaler can ask KEDA for figures."""
    certificates = cluster.directory / "keda"
    certificates.mkdir()
    node.make_certificate(certificates, "tls", "ca", OPERATOR, f"{OPERATOR}.cluster.local")
    cluster.kubectl("create", "namespace", NAMESPACE)
    cluster.kubectl("apply", "--server-side", "-f", str(cluster.binaries / "keda-crds"))
    _start_operator(cluster)
    _start_adapter(cluster)
    cluster.apply(*OBJECTS)
    available = ("--for=condition=Available", f"apiservice/v1beta1.{GROUP}", "--timeout=1s")
    cluster.until(lambda: cluster.kubectl("wait", *available), "KEDA's metrics")


def _start_operator(cluster: Cluster) -> None:
    certificates = cluster.directory / "keda"
    cluster.run(
        "keda-operator",
        str(cluster.binaries / "keda-operator"),
        "--enable-cert-rotation=false",
        f"--ca-dir={certificates}",
        f"--cert-dir={certificates}",
        "--leader-elect=false",
        "--metrics-bind-address=127.0.0.1:18080",
        "--health-probe-bind-address=127.0.0.1:18081",
        variables=VARIABLES,
    )


def _start_adapter(cluster: Cluster) -> None:
    certificates = cluster.directory / "keda"
    reach = ("lister", "authentication", "authorization")
    cluster.run(
        "keda-adapter",
        str(cluster.binaries / "keda-adapter"),
        f"--secure-port={ADAPTER_PORT}",
        f"--bind-address={node.NODE_ADDRESS}",
        f"--cert-dir={certificates}",
        f"--client-ca-file={certificates}/ca.crt",
        *(f"--{what}-kubeconfig={cluster.kubeconfig}" for what in reach),
        "--metrics-service-address=127.0.0.1:9666",
        f"--metrics-service-grpc-authority={OPERATOR}",
        variables=VARIABLES,
    )

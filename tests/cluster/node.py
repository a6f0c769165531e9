"""A one-node Kubernetes in namespaces of its own, with real pods; it leaves nothing behind.

Control plane, node and cluster DNS run in a network, mount and process namespace that the kernel
takes down with its first process. The host reaches it, and it the host, over one pair of devices.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster import node_files as node
from tests.cluster.binaries import cache_dir
from tests.cluster.image import PAUSE
from tests.cluster.leftovers import await_end_of_another, make_groups, remove_groups
from tests.support.children import leashed

DEADLINE_S = 300.0
ETCD = "http://127.0.0.1:2379"
DNS_SERVICE = {
    "apiVersion": "v1",
    "kind": "List",
    "items": [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "kube-dns", "namespace": "kube-system"},
            "spec": {
                "clusterIP": node.DNS_ADDRESS,
                "ports": [
                    {"name": "udp", "port": 53, "protocol": "UDP", "targetPort": node.DNS_PORT},
                    {"name": "tcp", "port": 53, "protocol": "TCP", "targetPort": node.DNS_PORT},
                ],
            },
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": "kube-dns-1",
                "namespace": "kube-system",
                "labels": {"kubernetes.io/service-name": "kube-dns"},
            },
            "addressType": "IPv4",
            "ports": [
                {"name": "udp", "port": node.DNS_PORT, "protocol": "UDP"},
                {"name": "tcp", "port": node.DNS_PORT, "protocol": "TCP"},
            ],
            "endpoints": [{"addresses": [node.NODE_ADDRESS], "conditions": {"ready": True}}],
        },
    ],
}


class ClusterError(RuntimeError):
    """The cluster, or a command on it, failed; the message holds what it said."""


@dataclass
class Cluster:
    """The cluster, its folder, and the programs that it is made of."""

    directory: Path
    binaries: Path
    kubectl_program: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    first: int = 0

    @property
    def store(self) -> Path:
        """Images and what pods write: gigabytes, in a place of which there is one."""
        return cache_dir().parent / "containers" / "node"

    @property
    def kubeconfig(self) -> Path:
        """What Helm and kubectl need to reach it."""
        return self.directory / "kubeconfig"

    def start(self, pause_archive: Path) -> None:
        """Returns when the node is ready and pods can start."""
        await_end_of_another()
        # A run that was killed has left its images there, and by now nothing that uses them.
        shutil.rmtree(self.store, ignore_errors=True)
        node.write_files(self.directory, self.store, PAUSE)
        make_groups()
        self._enter_namespaces()
        self._start_control_plane()
        self.run("containerd", "containerd", "-c", str(self.directory / "containerd.toml"))
        self.until(lambda: self.ctr("version"), "containerd")
        self.load(pause_archive)
        self._start_node()
        self.apply(DNS_SERVICE)
        self.until(
            lambda: self.kubectl(
                "wait", "--for=condition=Ready", f"node/{node.NODE}", "--timeout=1s"
            ),
            "the node",
        )
        self.until(lambda: self.kubectl("get", "serviceaccount", "default"), "service accounts")

    def stop(self) -> None:
        """Ends everything at once; the kernel takes processes, mounts and devices with them."""
        if (first := self.processes.get("namespaces")) is not None:
            first.kill()
        for process in self.processes.values():
            process.wait()
        remove_groups()
        shutil.rmtree(self.store, ignore_errors=True)

    def run(self, name: str, *command: str, variables: dict[str, str] | None = None) -> None:
        """Starts a program inside; its log is NAME.log."""
        inside = ("nsenter", "--target", str(self.first), "--net", "--mount", "--pid", "--")
        with (self.directory / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                leashed([*inside, *command]),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "KUBECONFIG": str(self.kubeconfig), **(variables or {})},
                start_new_session=True,
            )

    def load(self, archive: Path) -> None:
        """Imports an image archive into the node."""
        self.ctr("--namespace", "k8s.io", "images", "import", str(archive))

    def kubectl(self, *arguments: str, text: str | None = None) -> str:
        """What kubectl prints; ClusterError where it fails."""
        command = [str(self.kubectl_program), "--kubeconfig", str(self.kubeconfig), *arguments]
        return said_by(command, text)

    @contextmanager
    def kubectl_beside(self, *arguments: str) -> Iterator[Path]:
        """Runs kubectl until the block ends; gives the file that holds what it says."""
        command = [str(self.kubectl_program), "--kubeconfig", str(self.kubeconfig), *arguments]
        said = self.directory / "beside.said"
        with said.open("wb") as file:
            process = subprocess.Popen(
                leashed(command), stdout=file, stderr=file, stdin=subprocess.DEVNULL
            )
        try:
            yield said
        finally:
            process.kill()
            process.wait()

    def apply(self, *objects: object) -> None:
        """Applies objects, server-side."""
        for one in objects:
            self.kubectl("apply", "--server-side", "--filename", "-", text=json.dumps(one))

    def until(self, done: Callable[[], object], what: str, deadline_s: float = DEADLINE_S) -> None:
        """Returns when `done` no longer raises; fails where a program ended or time is up."""
        deadline = time.monotonic() + deadline_s
        while True:
            try:
                done()
            except ClusterError as error:
                ended = [name for name, it in self.processes.items() if it.poll() is not None]
                if ended or time.monotonic() > deadline:
                    told = self._tails(ended or list(self.processes))
                    raise ClusterError(f"{what}: {error}\n{told}") from error
                time.sleep(0.25)
            else:
                return

    def _enter_namespaces(self) -> None:
        ready = self.directory / "namespaces.ready"
        ready.unlink(missing_ok=True)
        own = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
        program = str(Path(__file__).with_name("init.py"))
        command = [*own, sys.executable, "-S", "-E", program, str(ready)]
        with (self.directory / "namespaces.log").open("wb") as log:
            outer = subprocess.Popen(leashed(command), stdout=log, stderr=log)
        self.processes["namespaces"] = outer
        self.until(lambda: _must_exist(ready), "namespaces")
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text(encoding="utf-8")
        self.first = int(children.split()[0])
        self._connect()

    def _connect(self) -> None:
        peer = ("peer", "name", "node0", "netns", str(self.first))
        with suppress(ClusterError):
            said_by(["ip", "link", "delete", node.HOST_DEVICE])
        said_by(["ip", "link", "add", node.HOST_DEVICE, "type", "veth", *peer])
        said_by(["ip", "address", "add", f"{node.HOST_ADDRESS}/30", "dev", node.HOST_DEVICE])
        said_by(["ip", "link", "set", node.HOST_DEVICE, "up"])
        inside = ["nsenter", "--target", str(self.first), "--net", "--", "ip"]
        said_by([*inside, "address", "add", f"{node.NODE_ADDRESS}/30", "dev", "node0"])
        said_by([*inside, "link", "set", "node0", "up"])
        # For everything that is not in the cluster: Kubernetes wants a default route.
        said_by([*inside, "route", "add", "default", "via", node.HOST_ADDRESS])
        for network in (node.PODS, node.SERVICES):
            said_by(["ip", "route", "add", network, "via", node.NODE_ADDRESS])

    def _start_control_plane(self) -> None:
        data = ("--data-dir", str(self.directory / "etcd"), "--unsafe-no-fsync")
        clients = ("--listen-client-urls", ETCD, "--advertise-client-urls", ETCD)
        self._own("etcd", *data, *clients)
        self._own("kube-apiserver", *_api_server_flags(self.directory))
        self.until(lambda: self.kubectl("get", "--raw", "/readyz"), "the API server")
        common = (
            "--bind-address=127.0.0.1",
            f"--cert-dir={self.directory}/pki",
            "--leader-elect=false",
        )
        key = f"--service-account-private-key-file={self.directory}/pki/sa.key"
        # Autoscaling that looks every 15 s would make its test three times as long.
        often = "--horizontal-pod-autoscaler-sync-period=5s"
        more = (key, "--use-service-account-credentials=true", often)
        self._own("kube-controller-manager", self._reach, *common, *more)
        trusted = (
            f"--{use}-kubeconfig={self.kubeconfig}" for use in ("authentication", "authorization")
        )
        self._own("kube-scheduler", self._reach, *common, *trusted)

    def _start_node(self) -> None:
        named = f"--hostname-override={node.NODE}"
        config = f"--config={self.directory}/kubelet.yaml"
        root = f"--root-dir={self.directory}/kubelet"
        address = f"--node-ip={node.NODE_ADDRESS}"
        self._own(
            "kubelet", self._reach, config, root, named, address, f"--cert-dir={self.directory}/pki"
        )
        # Limits of connection tracking are the machine's, which are not ours to set.
        tracking = ("max-per-core", "tcp-timeout-established", "tcp-timeout-close-wait")
        untouched = (f"--conntrack-{what}=0" for what in tracking)
        mode = ("--proxy-mode=iptables", f"--cluster-cidr={node.PODS}", "--bind-address=127.0.0.1")
        self._own("kube-proxy", self._reach, named, *mode, *untouched)
        if (self.binaries / "coredns").exists():
            self._own("coredns", "-conf", str(self.directory / "Corefile"))

    @property
    def _reach(self) -> str:
        return f"--kubeconfig={self.kubeconfig}"

    def _own(self, program: str, *arguments: str) -> None:
        self.run(program, str(self.binaries / program), *arguments)

    def ctr(self, *arguments: str) -> str:
        """What containerd's client prints."""
        return said_by(["ctr", "--address", str(self.directory / "containerd.sock"), *arguments])

    def _tails(self, names: list[str]) -> str:
        logs = (self.directory / f"{name}.log" for name in names)
        return "\n".join(f"--- {log}\n{log.read_text(errors='replace')[-1500:]}" for log in logs)


@contextmanager
def cluster(directory: Path, binaries: Path, kubectl: Path, pause: Path) -> Iterator[Cluster]:
    """A cluster that never outlives the block, nor the process."""
    directory.mkdir(parents=True, exist_ok=True)
    one = Cluster(directory.resolve(), binaries, kubectl)
    try:
        one.start(pause)
        yield one
    finally:
        one.stop()


def said_by(command: list[str], text: str | None = None) -> str:
    """What a command prints; ClusterError with its words where it fails."""
    answer = subprocess.run(
        leashed(command), input=text, capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        raise ClusterError(f"`{' '.join(command)}`: {answer.stderr or answer.stdout}".strip())
    return answer.stdout


def _must_exist(path: Path) -> None:
    if not path.exists():
        raise ClusterError(f"no {path.name} yet")


def _api_server_flags(directory: Path) -> tuple[str, ...]:
    pki = directory / "pki"
    return (
        f"--etcd-servers={ETCD}",
        "--secure-port=6443",
        f"--bind-address={node.NODE_ADDRESS}",
        f"--cert-dir={pki}",
        f"--token-auth-file={directory}/tokens.csv",
        "--authorization-mode=Node,RBAC",
        f"--service-account-key-file={pki}/sa.pub",
        f"--service-account-signing-key-file={pki}/sa.key",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-cluster-ip-range={node.SERVICES}",
        "--endpoint-reconciler-type=none",
        "--kubelet-preferred-address-types=InternalIP",
        # The aggregation layer, through which KEDA serves its figures.
        "--enable-aggregator-routing=true",
        f"--requestheader-client-ca-file={pki}/proxy-ca.crt",
        "--requestheader-allowed-names=proxy",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-username-headers=X-Remote-User",
        f"--proxy-client-cert-file={pki}/proxy.crt",
        f"--proxy-client-key-file={pki}/proxy.key",
    )

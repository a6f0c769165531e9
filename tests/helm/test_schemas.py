"""What is rendered is what Kubernetes and the operators take."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.helm.rendering import helm, rendered, scenarios, values_of
from tests.helm.values_file import CHART
from tests.support.kubernetes_schemas import VERSIONS, problems

CRD = Path(__file__).with_name("crd")


@cache
def custom() -> dict[tuple[str, str], Any]:
    """Validators of custom resources by API version and kind."""
    found = {}
    for path in CRD.glob("*.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        said = schema["properties"]
        key = (said["apiVersion"]["const"], said["kind"]["const"])
        found[key] = jsonschema_rs.Draft202012Validator(schema)
    return found


@pytest.mark.parametrize("scenario", scenarios())
def test_every_object_is_valid(scenario: str) -> None:
    """Strictly, field by field: Kubernetes 1.30 to 1.37, and the operators' own schemas."""
    wrong = []
    for thing in rendered(scenario):
        where = f"{thing['kind']}/{thing['metadata']['name']}"
        key = (thing["apiVersion"], thing["kind"])
        if key in custom():
            wrong += [f"{where}: {e.message}" for e in custom()[key].iter_errors(thing)]
        else:
            wrong += [f"{where} {v}: {p}" for v in VERSIONS for p in problems(v, thing)]
    assert wrong == []


def test_strict_schemas_see_a_misspelt_field() -> None:
    """The check would find what it is there for."""
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"typ": 1}}
    assert problems("1.30", service) != []
    wrong = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {}}
    scaled = wrong | {"spec": {"scaleTargetRef": {"name": "x"}, "minReplicasCount": 1}}
    assert list(custom()["keda.sh/v1alpha1", "ScaledObject"].iter_errors(scaled)) != []


def test_every_custom_resource_is_rendered_by_some_scenario() -> None:
    """No schema is kept for nothing."""
    kinds = {(t["apiVersion"], t["kind"]) for s in scenarios() for t in rendered(s)}
    assert set(custom()) <= kinds


@pytest.mark.parametrize(("major", "version"), [(3, VERSIONS[0]), (4, VERSIONS[-1])])
@pytest.mark.parametrize("scenario", scenarios())
def test_helm_lints_it(scenario: str, major: int, version: str) -> None:
    """Strictly: Helm 3 for the oldest Kubernetes, Helm 4 for the newest."""
    answer = helm(
        "lint",
        str(CHART),
        "--strict",
        "--quiet",
        *("--values", str(values_of(scenario))),
        *("--set", "skipCrdCheck=true", "--kube-version", version),
        major=major,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_helm_refuses_an_older_kubernetes() -> None:
    """1.29 has no sleep before a stop."""
    answer = helm(
        "template",
        "p",
        str(CHART),
        *("--values", str(values_of("minimal")), "--kube-version", "1.29.9"),
    )
    assert answer.returncode != 0
    assert "incompatible with Kubernetes v1.29.9" in answer.stderr

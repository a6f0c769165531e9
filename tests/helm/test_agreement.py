"""What the chart renders is what the code reads: settings files, variables, ports, commands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.core import TyperGroup
from typer.main import get_command

from plimsoll.adapters.rpc.probes import LIVENESS, READINESS
from plimsoll.adapters.rpc.servicer import SERVICE
from plimsoll.cli.application import application
from plimsoll.settings.fields import every_setting
from plimsoll.settings.model import Settings, load_settings
from plimsoll.settings.plan import load_plan
from tests.helm.rendering import Thing, named, of_kind, pods, render, rendered, scenarios
from tests.helm.settings_schema import DECIDED, settings_schema
from tests.house.tree import CODE

every_scenario = pytest.mark.parametrize("scenario", scenarios())
VARIABLES = {setting.variable for setting in every_setting(Settings)} | {"PLIMSOLL_CONFIG"}
# In place of what Kubernetes would take from a Secret.
FROM_SECRETS = {
    "PLIMSOLL_STORE__POSTGRES__DSN": "postgresql://user@db/scores",
    "PLIMSOLL_STORE__POSTGRES__READ_DSN": "postgresql://user@replica/scores",
    "PLIMSOLL_EVIDENCE__STORE__POSTGRES__DSN": "postgresql://user@db/keys",
    "PLIMSOLL_JUDGES__STORE__POSTGRES__DSN": "postgresql://user@db/judges",
}


def settings_files(scenario: str) -> dict[str, str]:
    """The settings file of each component."""
    maps = of_kind(rendered(scenario), "ConfigMap")
    return {
        m["metadata"]["name"]: m["data"]["plimsoll.yaml"]
        for m in maps
        if "plimsoll.yaml" in m["data"]
    }


def our_variables(container: Thing) -> dict[str, Any]:
    """The variables of a container that are ours."""
    env = {v["name"]: v for v in container.get("env", [])}
    return {name: v for name, v in env.items() if name.startswith("PLIMSOLL_")}


@every_scenario
def test_settings_files_are_read_by_the_code(
    scenario: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file passes the settings model, with the variables that come from Secrets."""
    for name, value in FROM_SECRETS.items():
        monkeypatch.setenv(name, value)
    files = settings_files(scenario)
    assert files
    for name, text in files.items():
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        settings = load_settings(path)
        assert settings.kafka.bootstrap_servers, name


def test_plans_are_read_by_the_code(tmp_path: Path) -> None:
    """A plan in the values goes to the scorers as it is, and they can read it."""
    data = named(rendered("judges"), "ConfigMap", "-scorer-default")["data"]
    path = tmp_path / "plan.yaml"
    path.write_text(data["plan.yaml"], encoding="utf-8")
    assert load_plan(path, ["response_length"], {}).version
    assert yaml.safe_load(data["plimsoll.yaml"])["scorer"]["plan_file"] == "/etc/plimsoll/plan.yaml"


@every_scenario
def test_variables_are_the_codes(scenario: str) -> None:
    """Each PLIMSOLL_ variable sets something."""
    for where, pod in pods(rendered(scenario)):
        for container in pod["spec"]["containers"]:
            assert set(our_variables(container)) <= VARIABLES, where


@every_scenario
def test_containers_run_commands_of_ours(scenario: str) -> None:
    """Each container's arguments are a command of `plimsoll`, with options that it has."""
    for where, pod in pods(rendered(scenario)):
        for container in pod["spec"]["containers"]:
            if container["name"] == "otel":
                continue
            command: Any = get_command(application())
            words = list(container["args"])
            while isinstance(command, TyperGroup):
                command = command.commands[words.pop(0)]
            known = {option for parameter in command.params for option in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= known, where


@every_scenario
def test_ports_are_where_the_code_listens(scenario: str) -> None:
    """Ports of containers, Services and probes are those of the settings files."""
    things = rendered(scenario)
    query = yaml.safe_load(settings_files(scenario)["p-plimsoll-query"])
    pod = named(things, "Deployment", "-query")["spec"]["template"]["spec"]
    for container in pod["containers"]:
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        if container["name"] == "query":
            assert query["query"]["listen"] == f"0.0.0.0:{ports['grpc']}"
            assert query["query"]["health_listen"] == f"0.0.0.0:{ports['health']}"
            assert query["query"]["telemetry_port"] == ports["metrics"]
        else:
            assert query["indexer"]["telemetry_port"] == ports["metrics-indexer"]
    for deployment in of_kind(things, "Deployment"):
        (first, *_) = deployment["spec"]["template"]["spec"]["containers"]
        role = first["args"][0]
        ports = {port["name"]: port["containerPort"] for port in first["ports"]}
        own = yaml.safe_load(settings_files(scenario)[deployment["metadata"]["name"]])
        assert own[role]["telemetry_port"] == ports["metrics"]
    for service in of_kind(things, "Service"):
        assert [port["targetPort"] for port in service["spec"]["ports"]] == ["grpc"]


def test_probes_ask_for_services_that_there_are() -> None:
    """Liveness and readiness are named as in the code, and the route as the service.

    A pod that waits for a store has started: only readiness says that it does not serve yet.
    """
    (container,) = named(rendered("minimal"), "Deployment", "-query")["spec"]["template"]["spec"][
        "containers"
    ]
    assert container["startupProbe"]["grpc"]["service"] == LIVENESS
    assert container["livenessProbe"]["grpc"]["service"] == LIVENESS
    assert container["readinessProbe"]["grpc"]["service"] == READINESS
    route = of_kind(rendered("gateway-tls-oidc"), "GRPCRoute")[0]
    assert route["spec"]["rules"][0]["matches"][0]["method"]["service"] == SERVICE


def test_every_decided_setting_is_decided_by_some_scenario() -> None:
    """What `config` leaves to other values is rendered by them."""
    found = set()
    for scenario in scenarios():
        for text in settings_files(scenario).values():
            found |= leaves(yaml.safe_load(text))
        for _, pod in pods(rendered(scenario)):
            for container in pod["spec"]["containers"]:
                found |= {
                    setting.name
                    for setting in every_setting(Settings)
                    if setting.variable in our_variables(container)
                }
    assert found >= DECIDED.keys()


@pytest.mark.parametrize("role", ["scorer", "indexer", "query", "observer"])
def test_every_component_gets_the_settings_that_it_reads(role: str) -> None:
    """Whatever section its code names is in its file, with every setting that `config` takes."""
    schema = settings_schema()
    given = default_config(schema, Settings().model_dump(mode="json"))
    things = render({"config": given}, on="everything-on")
    name = "scorer-default" if role == "scorer" else role
    text = named(things, "ConfigMap", f"-{name}")["data"]["plimsoll.yaml"]
    code = "".join(path.read_text(encoding="utf-8") for path in (CODE / role).rglob("*.py"))
    read = set(re.findall(r"settings\.([a-z_]+)\b", code)) & set(schema["properties"])
    assert role in read
    assert read <= set(yaml.safe_load(text))


def default_config(schema: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Those of the values that the schema has a place for, sections that are empty left out.

    A file that is not named by default is.
    """
    found: dict[str, Any] = {}
    for name, inner in schema["properties"].items():
        value = values[name]
        if isinstance(value, dict) and inner.get("properties"):
            value = default_config(inner, value)
        if value is None and {"type": "string"} in inner.get("anyOf", []):
            value = "/given"
        if value not in (None, {}):
            found[name] = value
    return found


def leaves(values: dict[str, Any], prefix: str = "") -> set[str]:
    """Dotted names of what a settings file says."""
    found = set()
    for name, value in values.items():
        if isinstance(value, dict):
            found |= leaves(value, f"{prefix}{name}.")
        found.add(f"{prefix}{name}")
    return found


def test_keda_logs_in_as_the_scorers_do() -> None:
    """Brokers, topic, group, transport and mechanism of the triggers are those of the settings."""
    for scenario, login in (
        ("judges", {}),
        ("strimzi-mtls", {"tls": "enable"}),
        ("strimzi-scram", {"tls": "enable", "sasl": "scram_sha512"}),
        (
            "msk-iam-pod-identity",
            {
                "tls": "enable",
                "sasl": "oauthbearer",
                "saslTokenProvider": "aws_msk_iam",
                "awsRegion": "eu-central-1",
            },
        ),
    ):
        (scaled,) = of_kind(rendered(scenario), "ScaledObject")
        own = yaml.safe_load(settings_files(scenario)[scaled["metadata"]["name"]])
        topics = []
        for trigger in scaled["spec"]["triggers"]:
            said = trigger["metadata"]
            topics.append(said["topic"])
            assert said["bootstrapServers"] == own["kafka"]["bootstrap_servers"]
            assert said["consumerGroup"] == own["scorer"]["group_id"]
            assert {key: said[key] for key in said if key in {*login, "sasl", "tls"}} == login
            assert ("authenticationRef" in trigger) == (scenario != "judges")
        assert sorted(topics) == sorted([own["topics"]["results"], own["topics"]["rescores"]])


@pytest.mark.parametrize(
    ("scenario", "identity"),
    [
        ("msk-iam-pod-identity", {"provider": "aws", "identityOwner": "keda"}),
        ("msk-iam-irsa", {"provider": "aws", "identityOwner": "workload"}),
        (
            "msk-serverless",
            {
                "provider": "aws",
                "identityOwner": "keda",
                "roleArn": "arn:aws:iam::123456789012:role/keda-lag",
            },
        ),
    ],
)
def test_kedas_identity_at_msk(scenario: str, identity: dict[str, str]) -> None:
    """The operator's own role, the scorer's by IRSA, or one that the operator assumes."""
    (authentication,) = of_kind(rendered(scenario), "TriggerAuthentication")
    assert authentication["spec"] == {"podIdentity": identity}

"""How the chart answers values: images, restarts, pools, secrets, and being part of another."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.helm.rendering import (
    RELEASE,
    Thing,
    attempt,
    named,
    of_kind,
    pods,
    render,
    rendered,
    template,
    values_of,
)
from tests.helm.test_policy import containers


@pytest.mark.parametrize("scenario", ["minimal", "everything-on"])
def test_two_renderings_are_equal_byte_by_byte(scenario: str) -> None:
    """Nothing is drawn or looked up, so that GitOps tools see no drift."""
    assert template(values_of(scenario)).stdout == template(values_of(scenario)).stdout


def test_an_image_by_digest_from_a_registry_of_ones_own() -> None:
    """The global registry stands before every image, and pull secrets in every pod."""
    digest = "sha256:" + "0" * 63 + "1"
    wanted = f"registry.example.internal:5000/plimsoll/plimsoll@{digest}"
    for where, spec, container in containers("airgap"):
        assert container["image"] == wanted, where
        assert spec["imagePullSecrets"] == [{"name": "mirror"}], where
        assert spec["nodeSelector"] == {"pool": "scoring"}, where
        assert spec["tolerations"][0]["key"] == "dedicated", where
    assert all(t["metadata"]["labels"]["team"] == "ml-platform" for t in rendered("airgap"))


def test_an_image_has_a_version() -> None:
    """The chart's appVersion, never `latest`."""
    images = {container["image"] for _, _, container in containers("minimal")}
    assert images == {"plimsoll/plimsoll:0.1.0"}


def checksums(things: tuple[Thing, ...]) -> dict[str, str]:
    """What makes the pods of each Deployment anew."""
    return {
        d["metadata"]["name"].removeprefix(f"{RELEASE}-plimsoll-"): d["spec"]["template"][
            "metadata"
        ]["annotations"]["checksum/config"]
        for d in of_kind(things, "Deployment")
    }


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        ({"config": {"scorer": {"max_span": 7}}}, {"scorer-default"}),
        ({"plan": "rules: [{metrics: all}]"}, {"scorer-default"}),
        ({"config": {"query": {"max_watchers": 7}}}, {"query"}),
        ({"config": {"indexer": {"batch_records": 7}}}, {"indexer"}),
        ({"config": {"observer": {"window_s": 7}}}, {"observer"}),
        (
            {"config": {"telemetry": {"sampling_ratio": 0.7}}},
            {"scorer-default", "indexer", "query"},
        ),
        ({"config": {"bodies": {"max_result_bytes": 7}}}, {"scorer-default"}),
        ({"config": {"judges": {"attempt_timeout_s": 7}}}, {"scorer-default"}),
        ({"config": {"log_level": "DEBUG"}}, {"scorer-default", "indexer", "query", "observer"}),
        ({"metrics": {"podMonitor": {"enabled": True}}}, set()),
    ],
)
def test_pods_restart_when_their_settings_change(change: dict[str, Any], moved: set[str]) -> None:
    """Those that read what has changed, and no others."""
    before, after = checksums(rendered("minimal")), checksums(render(change))
    assert {name for name in before if before[name] != after[name]} == moved


def test_it_is_a_part_of_another_chart(tmp_path: Any) -> None:
    """With `global` and `enabled`, as parent charts set them; the strict schema lets them."""
    chart = tmp_path / "umbrella"
    (chart / "charts").mkdir(parents=True)
    (chart / "charts" / "plimsoll").symlink_to(values_of("minimal").parents[1])
    dependency = {"name": "plimsoll", "version": "0.1.0", "condition": "plimsoll.enabled"}
    about = {"apiVersion": "v2", "name": "umbrella", "version": "1.0.0"}
    (chart / "Chart.yaml").write_text(yaml.safe_dump(about | {"dependencies": [dependency]}))
    own = yaml.safe_load(values_of("minimal").read_text(encoding="utf-8"))
    shared = {"imageRegistry": "registry.example.internal", "storageClass": "fast"}
    (chart / "values.yaml").write_text(
        yaml.safe_dump({"global": shared, "plimsoll": {"enabled": True, **own}})
    )
    things = render({}, on="", chart=chart)
    images = {c["image"] for _, pod in pods(things) for c in pod["spec"]["containers"]}
    assert images == {"registry.example.internal/plimsoll/plimsoll:0.1.0"}
    assert render({"plimsoll": {"enabled": False}}, on="", chart=chart) == ()


def test_jobs_are_named_by_what_they_do() -> None:
    """A Job cannot be changed: another image makes another one, and the same makes none."""
    names = [
        named(things, "Deployment", "query")
        and [j["metadata"]["name"] for j in of_kind(things, "Job")]
        for things in (
            rendered("minimal"),
            render({}),
            render({"image": {"tag": "0.2.0"}}),
        )
    ]
    assert names[0] == names[1] != names[2]


def test_pools_of_scorers_have_what_is_theirs() -> None:
    """Group, topics, settings, nodes and seccomp profile of a pool are its own."""
    things = rendered("code-sandbox")
    settings = yaml.safe_load(named(things, "ConfigMap", "-code")["data"]["plimsoll.yaml"])
    assert settings["sandbox"] == {"enabled": True}
    assert settings["scorer"]["group_id"] == "plimsoll-scorer-code"
    assert settings["topics"]["results"] == "llm.results.code.v1"
    assert settings["topics"]["scores"] == "llm.scores.v1"
    pod = named(things, "Deployment", "-code")["spec"]["template"]["spec"]
    assert pod["runtimeClassName"] == "gvisor"
    assert pod["hostUsers"] is False
    assert pod["securityContext"]["seccompProfile"]["localhostProfile"].endswith("sandbox.json")
    other = named(things, "Deployment", "-scorer-default")["spec"]["template"]["spec"]
    assert other["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert "runtimeClassName" not in other


def test_a_pool_is_taken_away_by_null() -> None:
    """As Helm takes away any value."""
    code = {"group": "g", "topics": {"results": "r", "rescores": "s"}}
    things = render({"scorers": {"default": None, "code": code}})
    names = [d["metadata"]["name"] for d in of_kind(things, "Deployment")]
    assert [name for name in names if "-scorer-" in name] == ["p-plimsoll-scorer-code"]


def test_secrets_go_to_those_who_need_them() -> None:
    """The query service has no key of judges, the observer none of the store.

    The indexer, which erases what judges said, has the address of their store and no more.
    """
    variables = {
        where.split("/")[1].removeprefix("p-plimsoll-"): {v["name"] for v in container["env"]}
        for where, _, container in containers("everything-on")
        if where.startswith("Deployment") and container["name"] != "otel"
    }
    of_judges = {"PLIMSOLL_OPENAI__API_KEY", "PLIMSOLL_JUDGES__NONCE_SECRET"}
    of_their_store = {"PLIMSOLL_JUDGES__STORE__POSTGRES__DSN"}
    of_store = {"PLIMSOLL_STORE__POSTGRES__DSN"}
    assert of_judges | of_their_store <= variables["scorer-default"]
    assert not of_store & variables["scorer-default"]
    for name in ("indexer", "query"):
        assert of_store <= variables[name]
        assert not of_judges & variables[name]
    assert of_their_store <= variables["indexer"]
    assert not of_their_store & variables["query"]
    assert not (of_store | of_judges | of_their_store) & variables["observer"]


def test_what_is_read_once_is_watched() -> None:
    """Exactly the Secrets of a container's environment, which are read once."""
    for scenario in ("judges", "external-secrets", "minimal", "strimzi-scram", "everything-on"):
        for where, spec, container in containers(scenario):
            volumes = {volume["name"]: volume for volume in spec["volumes"]}
            volume = volumes.get(f"watched-{container['name']}", {"projected": {"sources": []}})
            watched = {
                (source["secret"]["name"], item["key"])
                for source in volume["projected"]["sources"]
                for item in source["secret"]["items"]
            }
            read = {
                (of["secretKeyRef"]["name"], of["secretKeyRef"]["key"])
                for of in (variable.get("valueFrom", {}) for variable in container.get("env", []))
                if "secretKeyRef" in of
            }
            assert watched == (read if where.startswith("Deployment") else set()), where


def test_a_password_of_plain_is_watched() -> None:
    """The client reads it once; one of SCRAM is read for each connection and is not watched."""
    for mode, wanted in (("plain", {"kafka-password"}), ("scram", set())):
        sasl = {"existingSecret": "kafka", "username": "us"}
        things = render({"kafka": {"security": {"mode": mode, "sasl": sasl}}})
        pod = named(things, "Deployment", "-observer")["spec"]["template"]["spec"]
        volumes = [v["projected"] for v in pod["volumes"] if v["name"] == "watched-observer"]
        paths = {i["path"] for v in volumes for s in v["sources"] for i in s["secret"]["items"]}
        assert paths == wanted
        switched_off = render(
            {"kafka": {"security": {"mode": mode, "sasl": sasl}}, "secrets": {"watch": False}}
        )
        assert "PLIMSOLL_WATCHED_SECRETS" not in str(switched_off)


def test_defaults_fail_with_what_to_do() -> None:
    """Without values nothing is rendered, and everything that is missing is named at once."""
    answer = attempt({}, on="")
    assert answer.returncode != 0
    assert "kafka.bootstrapServers is empty: name your brokers" in answer.stderr
    assert "kubectl create secret generic plimsoll-store" in answer.stderr

"""Each component is a user of its own on the brokers, with the least rights and its own Secret."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from plimsoll.settings.kafka_rights import Right, kafka_rights
from plimsoll.settings.model import Settings
from tests.helm.rendering import Thing, named, of_kind, pods, render, rendered

Acl = tuple[str, str, str, frozenset[str]]
TWO_POOLS: dict[str, Any] = {
    "scorers": {
        "code": {
            "group": "plimsoll-code",
            "topics": {"results": "llm.code.v1", "rescores": "llm.code-rescores.v1"},
        }
    },
    "config": {
        "topics": {"feedback": "labels", "scores": "confidences"},
        "indexer": {"group_id": "projection"},
        "observer": {"app_id": "watch"},
    },
}
EVERY = {
    "strimzi-mtls": lambda: rendered("strimzi-mtls"),
    "strimzi-scram": lambda: rendered("strimzi-scram"),
    "two pools": lambda: render(TWO_POOLS, "strimzi-scram"),
}
every_case = pytest.mark.parametrize("case", sorted(EVERY))


def acl(right: Right) -> Acl:
    """A right as Strimzi names it."""
    pattern = "prefix" if right.pattern == "prefixed" else "literal"
    return (right.resource.value, right.name, pattern, frozenset(right.operations))


def acls(user: Thing) -> list[Acl]:
    """What a KafkaUser may do."""
    found = user["spec"]["authorization"]["acls"]
    return [
        (
            one["resource"]["type"],
            one["resource"]["name"],
            one["resource"]["patternType"],
            frozenset(one["operations"]),
        )
        for one in found
    ]


def settings_of(things: tuple[Thing, ...], ending: str) -> Settings:
    """What the pods of a component read."""
    text = named(things, "ConfigMap", ending)["data"]["plimsoll.yaml"]
    return Settings.model_validate(yaml.safe_load(text))


@every_case
def test_users_may_do_what_the_table_says(case: str) -> None:
    """The rights of each KafkaUser are those of `plimsoll topics rights` by the same settings."""
    things = EVERY[case]()
    users = {u["metadata"]["name"]: acls(u) for u in of_kind(things, "KafkaUser")}
    scorers = [d for d in of_kind(things, "Deployment") if "-scorer-" in d["metadata"]["name"]]
    names = [d["metadata"]["name"].removeprefix("p-plimsoll-") for d in scorers]
    services = ["indexer", "query", "observer"]
    assert set(users) == {f"p-plimsoll-{one}" for one in (*names, *services, "jobs", "keda")}
    watched: set[Acl] = set()
    looked_at: set[Acl] = set()
    for name in names:
        settings = settings_of(things, f"-{name}")
        table = kafka_rights(settings)
        assert sorted(users[f"p-plimsoll-{name}"]) == sorted(acl(r) for r in table["scorer"])
        describe = frozenset({"Describe"})
        watched |= {
            (r.resource.value, r.name, "literal", describe)
            for r in table["scorer"]
            # What was learned is read outside of the group: nobody scales by it.
            if "Read" in r.operations and r.name != settings.topics.calibrations
        }
        merged = settings.model_copy(
            update={
                "indexer": settings_of(things, "-indexer").indexer,
                "observer": settings_of(things, "-observer").observer,
            }
        )
        looked_at |= {acl(r) for r in kafka_rights(merged)["jobs"]}
    for name in services:
        table = kafka_rights(settings_of(things, f"-{name}"))
        assert sorted(users[f"p-plimsoll-{name}"]) == sorted(acl(r) for r in table[name])
    everywhere = {acl(r) for r in kafka_rights(settings_of(things, "-jobs"))["jobs"]}
    topics = {one for one in everywhere if one[0] == "topic"}
    assert set(users["p-plimsoll-jobs"]) == looked_at | topics
    assert set(users["p-plimsoll-keda"]) == watched
    assert all(len(set(found)) == len(found) for found in users.values())


@every_case
def test_each_pod_shows_its_own_credentials(case: str) -> None:
    """A pod mounts the Secret of the user that bears its component's name, and is that user."""
    things = EVERY[case]()
    users = {u["metadata"]["name"] for u in of_kind(things, "KafkaUser")}
    for _, pod in pods(things):
        component = pod["metadata"]["labels"]["app.kubernetes.io/component"]
        (container,) = pod["spec"]["containers"]
        mounted = secret_at(pod, container, "/etc/plimsoll-kafka/user")
        assert mounted["secretName"] == f"p-plimsoll-{component}"
        assert mounted["secretName"] in users
        keys = {item["key"] for item in mounted["items"]}
        scram = "mtls" not in case
        assert keys == ({"password"} if scram else {"user.crt", "user.key"})
        said = {v["name"]: v.get("value") for v in container["env"]}
        wanted = mounted["secretName"] if scram else None
        assert said.get("PLIMSOLL_KAFKA__SASL_USERNAME") == wanted


def secret_at(pod: Thing, container: Thing, path: str) -> dict[str, Any]:
    """The Secret that a container finds at a path."""
    (mount,) = [m for m in container["volumeMounts"] if m["mountPath"] == path]
    (volume,) = [v for v in pod["spec"]["volumes"] if v["name"] == mount["name"]]
    found: dict[str, Any] = volume["secret"]
    return found


def test_keda_is_a_user_of_its_own() -> None:
    """Its name stands in a ConfigMap, its password in the Secret that Strimzi makes for it."""
    things = rendered("strimzi-scram")
    (authentication,) = of_kind(things, "TriggerAuthentication")
    (named_by,) = authentication["spec"]["configMapTargetRef"]
    data = named(things, "ConfigMap", named_by["name"])["data"]
    assert data[named_by["key"]] == "p-plimsoll-keda"
    secrets = {one["parameter"]: one["name"] for one in authentication["spec"]["secretTargetRef"]}
    assert secrets["password"] == "p-plimsoll-keda"


def test_other_brokers_users() -> None:
    """Without Strimzi a component shows its own Secret where it names one, and the shared one else.

    A Secret without a name beside it holds the name, too.
    """
    wanted = {
        "query": ("plimsoll-kafka-query", "plimsoll-kafka-query"),
        "scorer-default": ("plimsoll-kafka-scorer", "scorer"),
        "indexer": ("plimsoll-kafka", "plimsoll-kafka"),
        "observer": ("plimsoll-kafka", "plimsoll-kafka"),
        "jobs": ("plimsoll-kafka", "plimsoll-kafka"),
    }
    found = {}
    for _, pod in pods(rendered("external-secrets")):
        (container,) = pod["spec"]["containers"]
        secret = secret_at(pod, container, "/etc/plimsoll-kafka/user")["secretName"]
        (name,) = [v for v in container["env"] if v["name"] == "PLIMSOLL_KAFKA__SASL_USERNAME"]
        said = name.get("value") or name["valueFrom"]["secretKeyRef"]["name"]
        found[pod["metadata"]["labels"]["app.kubernetes.io/component"]] = (secret, said)
    assert found == wanted


def test_two_users_in_the_one_pod_of_a_trial() -> None:
    """Indexer and query share a pod there, and each shows its own credentials."""
    values = {
        "kafka": {"security": {"mode": "scram", "sasl": {"existingSecret": "shared"}}},
        "indexer": {"kafkaUser": {"existingSecret": "indexers", "username": "i"}},
    }
    pod = named(render(values, "trial"), "Deployment", "-query")["spec"]["template"]
    found = {
        container["name"]: secret_at(pod, container, "/etc/plimsoll-kafka/user")["secretName"]
        for container in pod["spec"]["containers"]
    }
    assert found == {"query": "shared", "indexer": "indexers"}

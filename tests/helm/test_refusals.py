"""Values that are wrong are refused, and the message says what to do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helm.moved import moved
from tests.helm.rendering import refusal
from tests.helm.values_file import values

KEDA = {"autoscaling": {"mode": "keda"}}
JUDGES = {"bedrock": {"judges": {"sonnet": "an-id"}}}
SHARED = {"type": "postgres", "postgres": {"existingSecret": "judges"}}


def pool(**more: object) -> dict[str, Any]:
    """Values of all pools."""
    return {"scorerDefaults": more}


def security(mode: str, **more: object) -> dict[str, Any]:
    """Values of how to log in at the brokers."""
    return {"kafka": {"security": {"mode": mode, **more}}}


TOGETHER: dict[str, tuple[dict[str, Any], str]] = {
    "no brokers": ({"kafka": {"bootstrapServers": ""}}, "kafka.bootstrapServers is empty"),
    "no store": ({"store": {"postgres": {"existingSecret": ""}}}, "store.postgres.existingSecret"),
    "mtls without certificate": (security("mtls"), "kafka.security.mtls.existingSecret"),
    "scram without password": (security("scram"), "kafka.security.sasl.existingSecret"),
    "plain without password": (security("plain"), "kafka.security.sasl.existingSecret"),
    "iam without region": (security("mskIam"), "kafka.security.mskIam.region"),
    "strimzi without cluster": (
        {"kafka": {"provision": {"mode": "strimzi"}}},
        "kafka.provision.strimzi.cluster",
    ),
    "strimzi's users with another mechanism": (
        {
            "kafka": {
                "provision": {"mode": "strimzi", "strimzi": {"cluster": "c"}},
                "security": {
                    "mode": "scram",
                    "sasl": {"mechanism": "SCRAM-SHA-256"},
                },
            }
        },
        "Strimzi's users are SCRAM-SHA-512",
    ),
    "strimzi's users and a shared Secret": (
        {
            "kafka": {
                "provision": {"mode": "strimzi", "strimzi": {"cluster": "c"}},
                "security": {"mode": "mtls", "mtls": {"existingSecret": "s"}},
            }
        },
        "take kafka.security.mtls.existingSecret away",
    ),
    "one component without a password": (
        {
            "kafka": {"security": {"mode": "scram"}},
            **{
                name: {"kafkaUser": {"existingSecret": "s"}}
                for name in ("scorerDefaults", "indexer", "query", "jobs")
            },
        },
        "or a kafkaUser.existingSecret of observer",
    ),
    "a certificate that goes nowhere": (
        {
            "kafka": {"security": {"mode": "mtls"}},
            "certManager": {"kafkaClient": True, "issuerRef": {"name": "x"}},
        },
        "certManager.kafkaClient needs kafka.security.mtls.existingSecret",
    ),
    "a client certificate that nobody uses": (
        {"certManager": {"kafkaClient": True, "issuerRef": {"name": "x"}}},
        "only kafka.security.mode mtls uses",
    ),
    "two ways to log in at the database": (
        {"store": {"postgres": {"passwordKey": "p", "awsIamRegion": "eu-central-1"}}},
        "store.postgres: passwordKey and awsIamRegion are two ways to log in",
    ),
    "two ways to log in at the database of keys": (
        {"evidence": {"postgres": {"passwordKey": "p", "awsIamRegion": "eu-central-1"}}},
        "evidence.postgres: passwordKey and awsIamRegion are two ways to log in",
    ),
    "certificates without issuer": (
        {"query": {"tls": {"mode": "certManager"}}},
        "certManager.issuerRef.name",
    ),
    "tls without secret": ({"query": {"tls": {"mode": "secret"}}}, "query.tls.existingSecret"),
    "clients asked without tls": (
        {"query": {"tls": {"clientCASecret": {"existingSecret": "x"}}}},
        "clients are asked over TLS",
    ),
    "mtls access without ca": (
        {"config": {"access": {"mode": "mtls", "clients": {"a": ["b"]}}}},
        "query.tls.clientCASecret.existingSecret",
    ),
    "drain longer than grace": (
        pool(drainSeconds=60, terminationGracePeriodSeconds=70),
        "scorers.default.terminationGracePeriodSeconds is 70, which has to be at least 15 more",
    ),
    "the query service's too": (
        {"query": {"drainSeconds": 30, "preStopSeconds": 10}},
        "query.terminationGracePeriodSeconds is 45",
    ),
    "the observer's too": ({"observer": {"drainSeconds": 40}}, "observer.terminationGrace"),
    "drain shorter than a judge": (
        {
            "config": {**JUDGES, "judges": {"attempt_timeout_s": 50}},
            "judgeStore": SHARED,
        },
        "shorter than a judge may take",
    ),
    "judges without a shared store": ({"config": JUDGES}, "shared by judgeStore.type postgres"),
    "more calls than the quota": (
        {"config": JUDGES, "judgeStore": SHARED, "judgeConcurrency": 10},
        "64 at once, and judgeConcurrency is 10",
    ),
    "judge store without secret": (
        {"judgeStore": {"type": "postgres"}},
        "judgeStore.postgres.existingSecret",
    ),
    "master keys without a database of keys": (
        {"evidence": {"masterKeys": {"existingSecret": "masters"}}},
        "evidence.postgres.existingSecret",
    ),
    "more pods than partitions": (pool(replicas=13), "kafka.partitions is 12"),
    "more scaled pods than partitions": (
        pool(autoscaling={"mode": "keda", "maxReplicas": 13}),
        "kafka.partitions is 12",
    ),
    "least above most": (
        pool(autoscaling={"mode": "keda", "minReplicas": 5, "maxReplicas": 4}),
        "minReplicas 5 is more than maxReplicas 4",
    ),
    "hpa to nothing": (
        pool(autoscaling={"mode": "hpa", "minReplicas": 0}),
        "minReplicas 0 needs mode keda",
    ),
    "a role without its name": (
        pool(autoscaling={"mode": "keda", "keda": {"identity": "roleArn"}}),
        "needs autoscaling.keda.roleArn",
    ),
    "the workload's role without annotation": (
        {
            **security("mskIam", mskIam={"region": "eu-central-1"}),
            **pool(autoscaling={"mode": "keda", "keda": {"identity": "workload"}}),
        },
        "with EKS Pod Identity take operator or roleArn",
    ),
    "two pools in one group": (
        {"scorers": {"code": {"topics": {"results": "r", "rescores": "s"}}}},
        "group is plimsoll-scorer, which is the pool code's",
    ),
    "two pools on one topic": (
        {"scorers": {"code": {"group": "g", "topics": {"rescores": "s"}}}},
        "topics.results is llm.results.v1",
    ),
    "no pool": ({"scorers": {"default": None}}, "no pool that is enabled"),
    "a long name of a pool": (
        {"scorers": {"default": None, "a" * 21: {}}},
        "20 characters at most",
    ),
    "a trial that is scaled": (
        {"store": {"type": "sqlite"}, "query": {"autoscaling": {"mode": "hpa"}}},
        "store.type sqlite is one pod",
    ),
    "a route to nowhere": ({"query": {"gateway": {"enabled": True}}}, "query.gateway.parentRefs"),
    "ports that collide": ({"ports": {"metrics": 8086}}, "have to differ"),
    "external secrets from nowhere": (
        {"externalSecrets": {"enabled": True, "secrets": {"a": {"b": {"key": "c"}}}}},
        "externalSecrets.storeRef.name",
    ),
    "external secrets of nothing": (
        {"externalSecrets": {"enabled": True, "storeRef": {"name": "x"}}},
        "externalSecrets.secrets",
    ),
}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a misspelt value": ({"kafak": {}}, "kafak"),
    "a misspelt value within": ({"kafka": {"bootstrap": "x:1"}}, "bootstrap"),
    "a misspelt setting": ({"config": {"scorer": {"max_in_fligth": 1}}}, "max_in_fligth"),
    "a setting below its bound": ({"config": {"scorer": {"max_span": 0}}}, "max_span"),
    "a setting that is no choice": ({"config": {"access": {"mode": "basic"}}}, "mode"),
    "a password": ({"store": {"postgres": {"password": "x"}}}, "password"),
    "a setting of a pool": ({"scorers": {"default": {"config": {"x": 1}}}}, "config"),
    "brokers without ports": ({"kafka": {"bootstrapServers": "broker"}}, "bootstrapServers"),
    "an unknown way to log in": (security("kerberos"), "mode"),
    "no partitions": ({"kafka": {"partitions": 0}}, "partitions"),
    "a tag that moves": ({"image": {"tag": "latest"}}, "tag"),
    "a digest that is none": ({"image": {"digest": "sha256:1"}}, "digest"),
    "an unknown store": ({"store": {"type": "dynamodb"}}, "type"),
    "root": ({"workload": {"podSecurityContext": {"runAsUser": 0}}}, "runAsUser"),
    "root allowed": ({"workload": {"podSecurityContext": {"runAsNonRoot": False}}}, "runAsNonRoot"),
    "no seccomp": (
        {"workload": {"podSecurityContext": {"seccompProfile": {"type": "Unconfined"}}}},
        "seccompProfile",
    ),
    "a capability": (
        {"workload": {"securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}},
        "capabilities",
    ),
    "privileged": ({"workload": {"securityContext": {"privileged": True}}}, "privileged"),
    "a root that is written": (
        {"query": {"securityContext": {"readOnlyRootFilesystem": False}}},
        "readOnlyRootFilesystem",
    ),
    "escalation": (
        {"indexer": {"securityContext": {"allowPrivilegeEscalation": True}}},
        "allowPrivilegeEscalation",
    ),
    "an unknown autoscaler": (pool(autoscaling={"mode": "vpa"}), "mode"),
    "an unknown identity": (pool(autoscaling={"keda": {"identity": "pod"}}), "identity"),
    "a role that is none": (pool(autoscaling={"keda": {"roleArn": "role/x"}}), "roleArn"),
    "a loop that may not rest": (pool(stalledAfterSeconds=5), "stalledAfterSeconds"),
    "no drain": (pool(drainSeconds=0), "drainSeconds"),
    "a port of root's": ({"ports": {"grpc": 443}}, "grpc"),
    "an address that is none": (
        {"networkPolicy": {"egress": {"kafkaCIDRs": ["broker"]}}},
        "kafkaCIDRs",
    ),
    "an unknown alert": ({"metrics": {"rules": {"alerts": {"Nope": {}}}}}, "Nope"),
    "a threshold where none is": (
        {"metrics": {"rules": {"alerts": {"PlimsollIndexerStuck": {"threshold": 1}}}}},
        "threshold",
    ),
    "a name of a pool": ({"scorers": {"Code": {}}}, "Code"),
    "a size that is none": ({"workload": {"tmpSize": "much"}}, "tmpSize"),
    "a size of a claim": ({"store": {"sqlite": {"persistence": {"size": 10}}}}, "size"),
    "an unknown service": ({"query": {"service": {"type": "ExternalName"}}}, "type"),
    "an unknown migration": ({"migrations": {"mode": "always"}}, "mode"),
    "an object without a kind": ({"extraObjects": [{"apiVersion": "v1"}]}, "extraObjects"),
    "labels that are no text": ({"workload": {"podLabels": {"a": 1}}}, "podLabels"),
}


@pytest.mark.parametrize("case", TOGETHER)
def test_values_that_do_not_go_together(case: str) -> None:
    """The message names the value, and what to do."""
    values, said = TOGETHER[case]
    message = refusal(values)
    assert "plimsoll cannot be installed like this" in message
    assert said in message


@pytest.mark.parametrize("case", WRONG)
def test_values_that_are_wrong(case: str) -> None:
    """The schema refuses them, and names them."""
    values, named = WRONG[case]
    message = refusal(values)
    assert "schema" in message
    assert named in message


def test_values_that_have_moved() -> None:
    """Whoever uses names of before, or of the settings, is told those of the chart, all at once."""
    given: dict[str, Any] = {}
    for name in moved():
        *parents, last = name.split(".")
        at = given
        for parent in parents:
            at = at.setdefault(parent, {})
        at[last] = "x"
    message = refusal(given)
    for name, instead in moved().items():
        assert f"{name} has moved: set {instead}" in message


def test_a_value_that_has_moved_in_a_pool() -> None:
    """Pools are looked at like the rest."""
    config = {"config": {"scorer": {"group_id": "mine"}}}
    wanted = "config.scorer.group_id has moved: set scorers.<pool>.group"
    assert f"scorers.code.{wanted}" in refusal({"scorers": {"default": None, "code": config}})
    assert f"scorerDefaults.{wanted}" in refusal({"scorerDefaults": config})


def test_what_is_named_instead_is_a_value() -> None:
    """Whoever follows the message finds it in the chart."""
    known = {one.name for top in values() for one in top.walk()}
    for name, instead in moved().items():
        first = instead.split(" ")[0].rstrip(",:").replace("scorers.<pool>", "scorerDefaults")
        # What holds for every pod may be said of one component, too.
        shared = first.replace("scorerDefaults.extraEnv", "workload.extraEnv")
        assert shared in known | {"nothing"}, name


KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "keda": ({"scorerDefaults": KEDA}, "KEDA"),
    "podmonitor": ({"metrics": {"podMonitor": {"enabled": True}}}, "Prometheus Operator"),
    "rules": ({"metrics": {"rules": {"enabled": True}}}, "Prometheus Operator"),
    "gateway": (
        {"query": {"gateway": {"enabled": True, "parentRefs": [{"name": "x"}]}}},
        "Gateway API",
    ),
    "certificates": (
        {"query": {"tls": {"mode": "certManager"}}, "certManager": {"issuerRef": {"name": "x"}}},
        "cert-manager",
    ),
    "strimzi": (
        {"kafka": {"provision": {"mode": "strimzi", "strimzi": {"cluster": "c"}}}},
        "Strimzi",
    ),
    "external secrets": (
        {
            "externalSecrets": {
                "enabled": True,
                "storeRef": {"name": "x"},
                "secrets": {"a": {"b": {"key": "c"}}},
            }
        },
        "External Secrets Operator",
    ),
}


@pytest.mark.parametrize("case", KINDS)
def test_custom_resources_that_the_cluster_does_not_know(case: str) -> None:
    """The operator that is missing is named, in place of an error of the API server."""
    values, operator = KINDS[case]
    message = refusal(values, "minimal", "apps/v1/Deployment")
    assert "this cluster does not know" in message
    assert operator in message
    assert "--api-versions" in message

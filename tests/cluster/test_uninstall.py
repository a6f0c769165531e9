"""A trial with Helm 3, in one pod with a file, and nothing left of it afterwards."""

from __future__ import annotations

import random

from plimsoll.sdk.found import Missing
from plimsoll.settings.topics import TopicNames
from tests.cluster.conftest import make_namespace
from tests.cluster.node import Cluster
from tests.cluster.release import Release, over, values
from tests.cluster.traffic import looked_up, patient_client, until
from tests.support.helm import require_helm
from tests.support.kafka import KafkaBroker
from tests.support.load import produce, single

# What Kubernetes itself puts into every namespace.
OF_THE_NAMESPACE = {"configmap/kube-root-ca.crt", "serviceaccount/default"}
OF_THE_PAST = ("event/", "event.events.k8s.io/")
TOPICS = {role: f"trial.{name}" for role, name in TopicNames().model_dump().items()}


def objects(release: Release) -> set[str]:
    """Everything in the release's namespace that is not of the namespace itself."""
    kinds = release.kubectl("api-resources", "--namespaced", "--verbs=list", "-o", "name").split()
    # Figures of pods are no objects.
    listed = release.kubectl("get", ",".join(kinds), "-o", "name", "--ignore-not-found").split()
    return {name for name in listed if not name.startswith(OF_THE_PAST)} - OF_THE_NAMESPACE


async def test_uninstall_leaves_nothing(kubernetes: Cluster, kafka: KafkaBroker) -> None:
    """A trial answers a look-up from its file; after `helm uninstall` its namespace is empty."""
    release = Release(kubernetes, require_helm(3), "trial")
    make_namespace(kubernetes, release.namespace)
    trial = {
        "store": {"type": "sqlite"},
        "config": {"topics": TOPICS, "observer": {"app_id": "trial-observer"}},
        "scorerDefaults": {"group": "trial-scorer", "replicas": 1},
    }
    release.install(over(values(kafka.bootstrap), trial))
    await produce(kafka.bootstrap, TOPICS["results"], [single(random.Random(2), "tried")])
    async with patient_client(release) as plimsoll:
        found = await looked_up(plimsoll, "tried")
    assert not isinstance(found, Missing)
    assert objects(release)
    release.helm("uninstall", release.name, "--wait", "--timeout", "10m")
    await until(lambda: objects(release) == set(), "an empty namespace")

"""The chart on a real Kubernetes: install, its own test, look-ups, and values that it refuses."""

from __future__ import annotations

import json
import random

import pytest

from plimsoll.sdk.found import Missing
from plimsoll.settings.topics import TopicNames
from tests.cluster.node import ClusterError
from tests.cluster.release import SCORERS, Release, over, values
from tests.cluster.traffic import looked_up, patient_client, until
from tests.support.kafka import KafkaBroker
from tests.support.load import produce, single


async def test_everything_is_ready_where_pods_are_restricted(release: Release) -> None:
    """Every Deployment is whole in a restricted namespace, and both jobs are done."""
    await until(release.whole, "every pod")
    listed = json.loads(release.kubectl("get", "deployments,jobs", "-o", "json"))["items"]
    components = {
        item["metadata"]["labels"]["app.kubernetes.io/component"]
        for item in listed
        if item["kind"] == "Deployment"
    }
    assert components == {SCORERS, "indexer", "query", "observer"}
    jobs = [item["status"] for item in listed if item["kind"] == "Job"]
    assert [job["succeeded"] for job in jobs] == [1, 1]


def test_its_own_test_passes(release: Release) -> None:
    """`helm test` runs `plimsoll doctor` in the cluster, and nothing has failed."""
    assert "Succeeded" in release.helm("test", release.name, "--timeout", "10m")


async def test_a_published_result_is_looked_up_through_the_service(
    release: Release, kafka: KafkaBroker
) -> None:
    """What a producer puts on Kafka is answered over gRPC by the Service, with its scores."""
    record = single(random.Random(1), "first")
    await produce(kafka.bootstrap, TopicNames().results, [record])
    async with patient_client(release) as plimsoll:
        found = await looked_up(plimsoll, "first")
    assert not isinstance(found, Missing)
    assert found.scored.scores


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"scorers": {"default": {"terminationGracePeriodSeconds": 20}}},
            "scorers.default.terminationGracePeriodSeconds is 20",
        ),
        ({"store": {"postgres": {"existingSecret": ""}}}, "store.postgres.existingSecret is empty"),
    ],
    ids=["grace", "secret"],
)
def test_a_bad_value_is_refused(
    release: Release, kafka: KafkaBroker, wrong: dict[str, object], said: str
) -> None:
    """An upgrade that cannot be right fails before it touches anything, and says why."""
    before = release.helm("history", release.name, "-o", "json")
    with pytest.raises(ClusterError, match=said):
        release.upgrade(over(values(kafka.bootstrap), wrong))
    assert release.helm("history", release.name, "-o", "json") == before

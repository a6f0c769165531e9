"""The least that each component must be allowed on AWS, as IAM policy documents.

Pure functions of the settings. What is allowed on Amazon MSK follows from the rights on brokers
(`plimsoll.settings.kafka_rights`), so that the two tables cannot drift. Names such as `${Region}`
stand for what only an account knows; `infra.filling` puts it in.

Actions and resources: the Service Authorization Reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
Operations of Kafka to actions: https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from infra.bedrock_rights import GUARDRAIL, PROFILE, bedrock_statements
from infra.documents import Document, Statement, document, statement
from infra.trust import trust_documents
from plimsoll.settings.kafka_rights import Pattern, Resource, Right, kafka_rights
from plimsoll.settings.model import Settings

_KAFKA = "arn:${Partition}:kafka:${Region}:${Account}"
_CLUSTER = _KAFKA + ":cluster/${ClusterName}/${ClusterUuid}"
# Scorers open what judges said; the jobs make and change tables.
_OPEN_DATABASES = ("scorer", "indexer", "query", "topics")
_STORE = statement(
    "Store",
    ("rds-db:connect",),
    ("arn:${Partition}:rds-db:${Region}:${Account}:dbuser:${StoreResourceId}/${StoreUser}",),
)
_ACTIONS = {
    (Resource.TOPIC, "Read"): ("DescribeTopic", "ReadData"),
    (Resource.TOPIC, "Write"): ("DescribeTopic", "WriteData"),
    (Resource.TOPIC, "Create"): ("CreateTopic", "DescribeTopic"),
    (Resource.TOPIC, "DescribeConfigs"): ("DescribeTopic", "DescribeTopicDynamicConfiguration"),
    (Resource.TOPIC, "Describe"): ("DescribeTopic",),
    (Resource.GROUP, "Read"): ("AlterGroup", "DescribeGroup"),
    (Resource.GROUP, "Describe"): ("DescribeGroup",),
}


def documents(settings: Settings) -> Mapping[str, Document]:
    """Every document by the name of its file: roles' rights, and who may take a role.

    Who opens a database may log in there as one user of it by IAM (`aws_iam_region`).
    """
    table = dict(kafka_rights(settings))
    table["topics"] = table.pop("jobs")
    table["keda"] = _watching(table["scorer"], settings)
    idempotent = settings.kafka.enable_idempotence
    found = {
        role: document(kafka_statements(rights, idempotent=idempotent))
        for role, rights in table.items()
    }
    bedrock = bedrock_statements((PROFILE,), GUARDRAIL)
    found["scorer"] = document((*found["scorer"]["Statement"], *bedrock))
    for role in _OPEN_DATABASES:
        found[role] = document((*found[role]["Statement"], _STORE))
    return {**found, **trust_documents()}


def kafka_statements(rights: Iterable[Right], *, idempotent: bool) -> tuple[Statement, ...]:
    """Statements for Amazon MSK: one for the cluster, one for each set of actions on the rest.

    Args:
        rights: What the component must be allowed on the brokers.
        idempotent: Whether its producers are; only those that write need the right to be.
    """
    rights = tuple(rights)
    writes = any("Write" in right.operations for right in rights)
    cluster = ["Connect", "WriteDataIdempotently"] if writes and idempotent else ["Connect"]
    by_actions: dict[tuple[str, ...], list[str]] = {}
    for right in rights:
        by_actions.setdefault(_actions(right), []).append(_arn(right))
    return (
        statement("KafkaCluster", _named(cluster), (_CLUSTER,)),
        *(
            statement("Kafka" + "".join(actions), _named(actions), arns)
            for actions, arns in sorted(by_actions.items())
        ),
    )


def _watching(scorer: Iterable[Right], settings: Settings) -> tuple[Right, ...]:
    """KEDA's rights, which looks at the lag of what the scorer reads in its group."""
    outside = settings.topics.calibrations
    watched = (r for r in scorer if "Read" in r.operations and r.name != outside)
    return tuple(
        Right(right.resource, right.name, ("Describe",), right.pattern) for right in watched
    )


def _actions(right: Right) -> tuple[str, ...]:
    """The actions for a right, sorted; KeyError where Kafka's operation has none in the table."""
    return tuple(sorted({a for op in right.operations for a in _ACTIONS[right.resource, op]}))


def _named(actions: Iterable[str]) -> list[str]:
    return [f"kafka-cluster:{action}" for action in actions]


def _arn(right: Right) -> str:
    ending = "*" if right.pattern is Pattern.PREFIXED else ""
    place = f"{right.resource.value}/${{ClusterName}}/${{ClusterUuid}}"
    return f"{_KAFKA}:{place}/{right.name}{ending}"

"""One role for each component, with its published document, by EKS Pod Identity."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Aws, CfnParameter, Fn, Stack
from aws_cdk import aws_eks as eks
from aws_cdk import aws_iam as iam

from infra.bedrock_rights import bedrock_statements
from infra.documents import document
from infra.filling import filled
from infra.stack.cluster import Cluster
from infra.stack.judges import Judges
from infra.stack.kafka import Kafka
from infra.stack.store import Store

POLICIES = Path(__file__).parents[1] / "policies"
# Service accounts as the chart names them for a release called plimsoll with one pool.
ACCOUNTS = {
    "scorer": "plimsoll-scorer-default",
    "indexer": "plimsoll-indexer",
    "query": "plimsoll-query",
    "observer": "plimsoll-observer",
    "topics": "plimsoll-jobs",
    "keda": "keda-operator",
}


def roles(
    stack: Stack,
    where: Cluster,
    kafka: Kafka,
    database: Store,
    asked: Judges,
) -> Mapping[str, str]:
    """Makes the roles and their associations; their ARNs by component."""
    plimsoll = CfnParameter(stack, "Namespace", default="plimsoll", description="Of the chart")
    keda = CfnParameter(stack, "KedaNamespace", default="keda")
    user = CfnParameter(
        stack, "StoreUser", default="plimsoll", description="Of the database, with the role rds_iam"
    )
    known = {
        "Partition": Aws.PARTITION,
        "Region": Aws.REGION,
        "Account": Aws.ACCOUNT_ID,
        "ClusterName": kafka.name,
        "ClusterUuid": kafka.uuid,
        "EksCluster": where.arn,
        "StoreResourceId": database.resource,
        "StoreUser": user.value_as_string,
    }
    bedrock = filled(bedrock_statements((asked.profile,), asked.guardrail), known)
    found = {}
    for component, account in ACCOUNTS.items():
        namespace = keda if component == "keda" else plimsoll
        facts = known | {"Namespace": namespace.value_as_string, "ServiceAccount": account}
        statements = filled(_statements(component, "Kafka"), facts)
        if component == "scorer":
            statements += bedrock
        statements += filled(_statements(component, "Store"), facts)
        trust = filled(_published("trust-pod-identity"), facts)
        found[component] = _role(stack, component, document(statements), trust)
        eks.CfnPodIdentityAssociation(
            stack,
            f"{component.title()}Identity",
            cluster_name=where.name,
            namespace=facts["Namespace"],
            service_account=account,
            role_arn=found[component],
        )
    return found


def _role(stack: Stack, component: str, allowed: object, trust: object) -> str:
    made = iam.CfnRole(
        stack,
        f"{component.title()}Role",
        role_name=Fn.join("-", [Aws.STACK_NAME, component]),
        assume_role_policy_document=trust,
        policies=[iam.CfnRole.PolicyProperty(policy_name="least", policy_document=allowed)],
    )
    return made.attr_arn


def _statements(component: str, about: str) -> list[object]:
    """Those about one thing; those on Amazon Bedrock follow from the profile that is made."""
    found = _published(component)["Statement"]
    return [one for one in found if one["Sid"].startswith(about)]


def _published(name: str) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads((POLICIES / f"{name}.json").read_text())
    return found

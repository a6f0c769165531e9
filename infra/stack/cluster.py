"""EKS in Auto Mode, or a cluster that is there already."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Aws, CfnParameter, Stack
from aws_cdk import aws_eks as eks
from aws_cdk import aws_iam as iam

from infra.documents import VERSION
from infra.stack.config import ClusterConfig
from infra.stack.network import Network

KUBERNETES = "1.34"
# https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html
_OF_CLUSTER = (
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)
_OF_NODES = ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")
_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster by name and ARN."""

    name: str
    arn: str


def cluster(
    stack: Stack, config: ClusterConfig, where: Network, key: str, *, keep: bool
) -> Cluster:
    """The cluster as the configuration wants it, with its Pod Identity agent."""
    if not config.existing:
        return _created(stack, config, where, key, keep=keep)
    name = CfnParameter(
        stack, "EksClusterName", description="With the EKS Pod Identity agent"
    ).value_as_string
    return Cluster(name, f"arn:{Aws.PARTITION}:eks:{Aws.REGION}:{Aws.ACCOUNT_ID}:cluster/{name}")


def _created(
    stack: Stack, config: ClusterConfig, where: Network, key: str, *, keep: bool
) -> Cluster:
    nodes = _role(stack, "NodeRole", "ec2.amazonaws.com", ("sts:AssumeRole",), _OF_NODES)
    admin = CfnParameter(stack, "AdminRoleArn", description="The IAM role that may use kubectl")
    took = ("sts:AssumeRole", "sts:TagSession")
    switch = {"enabled": True}
    made = eks.CfnCluster(
        stack,
        "Cluster",
        name=Aws.STACK_NAME,
        version=KUBERNETES,
        role_arn=_role(stack, "ClusterRole", "eks.amazonaws.com", took, _OF_CLUSTER),
        resources_vpc_config=_reached(stack, config, where),
        access_config=eks.CfnCluster.AccessConfigProperty(
            authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
        ),
        bootstrap_self_managed_addons=False,
        compute_config=eks.CfnCluster.ComputeConfigProperty(
            enabled=True, node_pools=["general-purpose", "system"], node_role_arn=nodes
        ),
        kubernetes_network_config=eks.CfnCluster.KubernetesNetworkConfigProperty(
            elastic_load_balancing=eks.CfnCluster.ElasticLoadBalancingProperty(**switch)
        ),
        storage_config=eks.CfnCluster.StorageConfigProperty(
            block_storage=eks.CfnCluster.BlockStorageProperty(**switch)
        ),
        deletion_protection=keep,
        encryption_config=[
            eks.CfnCluster.EncryptionConfigProperty(
                provider=eks.CfnCluster.ProviderProperty(key_arn=key), resources=["secrets"]
            )
        ],
        logging=eks.CfnCluster.LoggingProperty(
            cluster_logging=eks.CfnCluster.ClusterLoggingProperty(
                enabled_types=[
                    eks.CfnCluster.LoggingTypeConfigProperty(type=kind) for kind in _LOGS
                ]
            )
        ),
    )
    policy = f"arn:{Aws.PARTITION}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    eks.CfnAccessEntry(
        stack,
        "Admin",
        cluster_name=made.ref,
        principal_arn=admin.value_as_string,
        access_policies=[
            eks.CfnAccessEntry.AccessPolicyProperty(
                policy_arn=policy,
                access_scope=eks.CfnAccessEntry.AccessScopeProperty(type="cluster"),
            )
        ],
    )
    return Cluster(made.ref, made.attr_arn)


def _reached(
    stack: Stack, config: ClusterConfig, where: Network
) -> eks.CfnCluster.ResourcesVpcConfigProperty:
    """The API is private; a public one admits one range of addresses."""
    admitted = None
    if config.public:
        admitted = [CfnParameter(stack, "AdminCidr", description="Reaches the API").value_as_string]
    return eks.CfnCluster.ResourcesVpcConfigProperty(
        subnet_ids=where.subnets,
        endpoint_private_access=True,
        endpoint_public_access=config.public,
        public_access_cidrs=admitted,
    )


def _role(
    stack: Stack, name: str, service: str, actions: tuple[str, ...], policies: tuple[str, ...]
) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": list(actions)}
    managed = f"arn:{Aws.PARTITION}:iam::aws:policy"
    made = iam.CfnRole(
        stack,
        name,
        assume_role_policy_document={"Version": VERSION, "Statement": [trust]},
        managed_policy_arns=[f"{managed}/{policy}" for policy in policies],
    )
    return made.attr_arn

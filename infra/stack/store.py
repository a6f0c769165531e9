"""Aurora PostgreSQL, Serverless v2, with TLS forced and its password in Secrets Manager."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import CfnDeletionPolicy, CfnOutput, Stack
from aws_cdk import aws_rds as rds

from infra.stack.config import StoreConfig
from infra.stack.network import Network, group

ENGINE = "aurora-postgresql"
VERSION = "17.5"
_PORT = 5432


@dataclass(frozen=True, slots=True)
class Store:
    """The cluster's identifier, and the one by which users who log in by IAM are named."""

    name: str
    resource: str


def store(stack: Stack, config: StoreConfig, where: Network, key: str, *, keep: bool) -> Store:
    """Makes the cluster with its instances."""
    subnets = rds.CfnDBSubnetGroup(
        stack, "StoreSubnets", db_subnet_group_description="Private", subnet_ids=where.subnets
    )
    forced = rds.CfnDBClusterParameterGroup(
        stack,
        "StoreParameters",
        description="TLS only",
        family=f"{ENGINE}{VERSION.partition('.')[0]}",
        parameters={"rds.force_ssl": "1"},
    )
    made = rds.CfnDBCluster(
        stack,
        "Store",
        engine=ENGINE,
        engine_version=VERSION,
        database_name="plimsoll",
        port=_PORT,
        master_username="plimsoll_owner",
        manage_master_user_password=True,
        master_user_secret=rds.CfnDBCluster.MasterUserSecretProperty(kms_key_id=key),
        db_subnet_group_name=subnets.ref,
        db_cluster_parameter_group_name=forced.ref,
        vpc_security_group_ids=[group(stack, "StoreGroup", where, _PORT, "PostgreSQL")],
        enable_iam_database_authentication=True,
        storage_encrypted=True,
        kms_key_id=key,
        backup_retention_period=config.backup_days,
        copy_tags_to_snapshot=True,
        deletion_protection=keep,
        enable_cloudwatch_logs_exports=["postgresql"],
        serverless_v2_scaling_configuration=(
            rds.CfnDBCluster.ServerlessV2ScalingConfigurationProperty(
                min_capacity=config.min_acu, max_capacity=config.max_acu
            )
        ),
    )
    made.cfn_options.deletion_policy = CfnDeletionPolicy.SNAPSHOT
    made.cfn_options.update_replace_policy = CfnDeletionPolicy.SNAPSHOT
    for number in range(1, config.readers + 2):
        rds.CfnDBInstance(
            stack,
            f"Store{number}",
            engine=ENGINE,
            db_cluster_identifier=made.ref,
            db_instance_class="db.serverless",
            publicly_accessible=False,
            auto_minor_version_upgrade=True,
        )
    CfnOutput(stack, "StoreHost", value=made.attr_endpoint_address)
    CfnOutput(stack, "StoreReadHost", value=made.attr_read_endpoint_address)
    CfnOutput(stack, "StoreOwnerSecret", value=made.attr_master_user_secret_secret_arn)
    CfnOutput(stack, "StoreResource", value=made.attr_db_cluster_resource_id)
    return Store(made.ref, made.attr_db_cluster_resource_id)

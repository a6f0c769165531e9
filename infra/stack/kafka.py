"""Amazon MSK with TLS and IAM only, or a cluster that is there already."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Aws, CfnParameter, Fn, Stack
from aws_cdk import aws_logs as logs
from aws_cdk import aws_msk as msk

from infra.stack.config import KafkaConfig
from infra.stack.network import ZONES, Network, group

VERSION = "3.9.x"
_PORT_IAM = 9098


@dataclass(frozen=True, slots=True)
class Kafka:
    """A cluster as IAM and CloudWatch name it."""

    name: str
    uuid: str


def kafka(stack: Stack, config: KafkaConfig, where: Network, key: str) -> Kafka:
    """The cluster as the configuration wants it; topics are the chart's job."""
    arn = _existing(stack) if config.existing else _created(stack, config, where, key)
    parts = Fn.split("/", arn)
    return Kafka(Fn.select(1, parts), Fn.select(2, parts))


def _existing(stack: Stack) -> str:
    found = CfnParameter(
        stack,
        "KafkaClusterArn",
        allowed_pattern="arn:[^:]+:kafka:[^:]+:[0-9]+:cluster/[^/]+/[^/]+",
        description="Amazon MSK with IAM authentication",
    )
    return found.value_as_string


def _created(stack: Stack, config: KafkaConfig, where: Network, key: str) -> str:
    express = config.instance.startswith("express.")
    written = logs.CfnLogGroup(stack, "KafkaLogs", retention_in_days=30, kms_key_id=key)
    settings = msk.CfnConfiguration(
        stack,
        "KafkaConfiguration",
        name=Aws.STACK_NAME,
        kafka_versions_list=[VERSION],
        server_properties=_properties(express=express),
    )
    made = msk.CfnCluster(
        stack,
        "Kafka",
        cluster_name=Aws.STACK_NAME,
        kafka_version=VERSION,
        number_of_broker_nodes=ZONES,
        broker_node_group_info=msk.CfnCluster.BrokerNodeGroupInfoProperty(
            client_subnets=where.subnets,
            instance_type=config.instance,
            security_groups=[group(stack, "KafkaGroup", where, _PORT_IAM, "Kafka with IAM")],
            storage_info=None if express else _storage(config.storage_gib),
        ),
        client_authentication=msk.CfnCluster.ClientAuthenticationProperty(
            sasl=msk.CfnCluster.SaslProperty(iam=msk.CfnCluster.IamProperty(enabled=True)),
            unauthenticated=msk.CfnCluster.UnauthenticatedProperty(enabled=False),
        ),
        configuration_info=msk.CfnCluster.ConfigurationInfoProperty(
            arn=settings.attr_arn, revision=settings.attr_latest_revision_revision
        ),
        encryption_info=msk.CfnCluster.EncryptionInfoProperty(
            encryption_at_rest=msk.CfnCluster.EncryptionAtRestProperty(data_volume_kms_key_id=key),
            encryption_in_transit=msk.CfnCluster.EncryptionInTransitProperty(
                client_broker="TLS", in_cluster=True
            ),
        ),
        logging_info=msk.CfnCluster.LoggingInfoProperty(
            broker_logs=msk.CfnCluster.BrokerLogsProperty(
                cloud_watch_logs=msk.CfnCluster.CloudWatchLogsProperty(
                    enabled=True, log_group=written.ref
                )
            )
        ),
    )
    return made.attr_arn


def _properties(*, express: bool) -> str:
    """Express brokers fix replication themselves, and refuse to be told."""
    fixed = "auto.create.topics.enable=false\n"
    return fixed if express else f"{fixed}default.replication.factor=3\nmin.insync.replicas=2\n"


def _storage(gib: int) -> msk.CfnCluster.StorageInfoProperty:
    volume = msk.CfnCluster.EBSStorageInfoProperty(volume_size=gib)
    return msk.CfnCluster.StorageInfoProperty(ebs_storage_info=volume)

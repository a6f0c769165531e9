"""What operators look at and are told: the key, the images' registry, alarms and the budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Aws, CfnDeletionPolicy, CfnOutput, CfnParameter, Stack
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from infra.documents import VERSION
from infra.stack.kafka import Kafka

_SCORERS = "plimsoll-scorer"
_RESULTS = "llm.results.v1"
_UNTAGGED_DAYS = 14


@dataclass(frozen=True, slots=True)
class _Watched:
    """A metric of CloudWatch, and above what it is bad."""

    namespace: str
    metric: str
    statistic: str
    above: float


def key(stack: Stack, *, keep: bool) -> str:
    """One key for all that is stored; its ARN."""
    mine = {"AWS": f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:root"}
    account = {"Effect": "Allow", "Principal": mine, "Action": "kms:*", "Resource": "*"}
    logs = {
        "Effect": "Allow",
        "Principal": {"Service": [f"logs.{Aws.REGION}.amazonaws.com", "cloudwatch.amazonaws.com"]},
        "Action": ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
    }
    made = kms.CfnKey(
        stack,
        "Key",
        enable_key_rotation=True,
        key_policy={"Version": VERSION, "Statement": [account, logs]},
    )
    policy = CfnDeletionPolicy.RETAIN if keep else CfnDeletionPolicy.DELETE
    made.cfn_options.deletion_policy = policy
    made.cfn_options.update_replace_policy = policy
    return made.attr_arn


def registry(stack: Stack, key_arn: str) -> None:
    """Where the image goes: a tag never changes, and layers that nothing names are dropped."""
    rule = (
        '{"rules":[{"rulePriority":1,"selection":{"tagStatus":"untagged",'
        f'"countType":"sinceImagePushed","countUnit":"days","countNumber":{_UNTAGGED_DAYS}}},'
        '"action":{"type":"expire"}}]}'
    )
    made = ecr.CfnRepository(
        stack,
        "Registry",
        image_tag_mutability="IMMUTABLE",
        image_scanning_configuration=ecr.CfnRepository.ImageScanningConfigurationProperty(
            scan_on_push=True
        ),
        encryption_configuration=ecr.CfnRepository.EncryptionConfigurationProperty(
            encryption_type="KMS", kms_key=key_arn
        ),
        lifecycle_policy=ecr.CfnRepository.LifecyclePolicyProperty(lifecycle_policy_text=rule),
    )
    CfnOutput(stack, "RegistryUri", value=made.attr_repository_uri)


def alarms(stack: Stack, kafka: Kafka, store: str, key_arn: str) -> None:
    """Tells an address of lag, of Amazon Bedrock refusing, and of the store being at its limit."""
    mail = CfnParameter(stack, "AlarmMail", description="Is told of alarms and of the budget")
    topic = sns.CfnTopic(
        stack,
        "Alarms",
        kms_master_key_id=key_arn,
        subscription=[
            sns.CfnTopic.SubscriptionProperty(protocol="email", endpoint=mail.value_as_string)
        ],
    )
    lag = {"Cluster Name": kafka.name, "Consumer Group": _SCORERS, "Topic": _RESULTS}
    watched = {
        "Lag": (_Watched("AWS/Kafka", "EstimatedMaxTimeLag", "Maximum", 300), lag),
        "Throttled": (_Watched("AWS/Bedrock", "InvocationThrottles", "Sum", 50), {}),
        "StoreFull": (
            _Watched("AWS/RDS", "ACUUtilization", "Average", 90),
            {"DBClusterIdentifier": store},
        ),
    }
    for name, (what, dimensions) in watched.items():
        _alarm(stack, name, what, dimensions, topic.ref)
    _budget(stack, mail.value_as_string)


def _alarm(
    stack: Stack, name: str, what: _Watched, dimensions: Mapping[str, str], topic: str
) -> None:
    """Three of five minutes above is an alarm; no data is none."""
    cloudwatch.CfnAlarm(
        stack,
        name,
        namespace=what.namespace,
        metric_name=what.metric,
        statistic=what.statistic,
        threshold=what.above,
        comparison_operator="GreaterThanThreshold",
        period=60,
        evaluation_periods=5,
        datapoints_to_alarm=3,
        treat_missing_data="notBreaching",
        dimensions=[
            cloudwatch.CfnAlarm.DimensionProperty(name=key, value=value)
            for key, value in dimensions.items()
        ],
        alarm_actions=[topic],
    )


def _budget(stack: Stack, mail: str) -> None:
    """What Amazon Bedrock may cost in a month, told at 80 per cent and where 100 are forecast."""
    limit = CfnParameter(stack, "MonthlyUsd", type="Number", default=500, min_value=1)
    tell = [budgets.CfnBudget.SubscriberProperty(subscription_type="EMAIL", address=mail)]
    budgets.CfnBudget(
        stack,
        "Budget",
        budget=budgets.CfnBudget.BudgetDataProperty(
            budget_type="COST",
            time_unit="MONTHLY",
            budget_limit=budgets.CfnBudget.SpendProperty(amount=limit.value_as_number, unit="USD"),
            cost_filters={"Service": ["Amazon Bedrock"]},
        ),
        notifications_with_subscribers=[
            budgets.CfnBudget.NotificationWithSubscribersProperty(
                notification=budgets.CfnBudget.NotificationProperty(
                    comparison_operator="GREATER_THAN",
                    notification_type=kind,
                    threshold=percent,
                    threshold_type="PERCENTAGE",
                ),
                subscribers=tell,
            )
            for kind, percent in (("ACTUAL", 80), ("FORECASTED", 100))
        ],
    )

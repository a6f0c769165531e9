"""The whole of it: one stack for a configuration, without assets or bootstrap."""

from __future__ import annotations

from aws_cdk import App, CfnOutput, LegacyStackSynthesizer, Stack

from infra.stack.cluster import cluster
from infra.stack.config import Config
from infra.stack.identity import roles
from infra.stack.judges import endpoint_for_scorers, judges
from infra.stack.kafka import kafka
from infra.stack.network import network
from infra.stack.store import store
from infra.stack.upkeep import alarms, key, registry


def whole(app: App, config: Config) -> Stack:
    """The stack of a configuration."""
    stack = Stack(
        app,
        f"plimsoll-{config.name}",
        synthesizer=LegacyStackSynthesizer(),
        analytics_reporting=False,
        description=f"Plimsoll on AWS ({config.name})",
    )
    secret = key(stack, keep=config.keep)
    where = network(stack, config.network, secret)
    log = kafka(stack, config.kafka, where, secret)
    runs = cluster(stack, config.cluster, where, secret, keep=config.keep)
    asked = judges(stack)
    database = store(stack, config.store, where, secret, keep=config.keep)
    made = roles(stack, runs, log, database, asked)
    if not config.network.existing:
        endpoint_for_scorers(stack, where, made["scorer"])
    registry(stack, secret)
    alarms(stack, log, database.name, secret)
    for component, arn in made.items():
        CfnOutput(stack, f"{component.title()}RoleArn", value=arn)
    return stack

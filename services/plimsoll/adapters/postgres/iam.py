"""Tokens of AWS IAM as passwords of Aurora and RDS, signed anew for each connection."""

from __future__ import annotations

import asyncio
import importlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import SecretStr

from plimsoll.adapters.postgres.connecting import Address, address
from plimsoll.domain.errors import ConfigurationError, RetryableError
from plimsoll.settings.postgres import PostgresSettings

_PORT = 5432


@dataclass(frozen=True, slots=True)
class Tokens:
    """Signs for one user of one database with the process's AWS credentials, off the event loop.

    A token is a presigned URL without its scheme, and lasts fifteen minutes; a connection that
    stands goes on after that.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
    """

    host: str
    port: int
    user: str
    region: str
    client: Any

    async def __call__(self) -> str:
        """A token; RetryableError where there are no credentials now."""
        errors: Any = importlib.import_module("botocore.exceptions")
        try:
            # Credentials may come from files or from the instance's metadata service.
            token: str = await asyncio.to_thread(
                self.client.generate_db_auth_token, self.host, self.port, self.user, self.region
            )
        except (errors.BotoCoreError, errors.ClientError) as error:
            raise RetryableError(
                f"no token of IAM for database {self.host}: {type(error).__name__}"
            ) from None
        return token


def located(settings: PostgresSettings, dsn: SecretStr, setting: str) -> Address:
    """The address of a DSN with its way to log in; ConfigurationError names the setting."""
    section = setting.rpartition(".")[0]
    if not settings.aws_iam_region:
        return address(dsn, setting, settings.password_file)
    if settings.password_file is not None:
        raise ConfigurationError(
            f"{section}: aws_iam_region and password_file are two ways to log in: keep one"
        )
    plain = address(dsn, setting, None)
    return Address(plain.dsn, plain.shown, setting, None, _tokens(plain, settings.aws_iam_region))


def _tokens(where: Address, region: str) -> Tokens:
    parts = urlsplit(where.dsn.get_secret_value())
    try:
        host, port = parts.hostname, parts.port or _PORT
    except ValueError:
        host, port = None, _PORT
    user = unquote(parts.username or "")
    if not host or not user or parts.password is not None:
        raise ConfigurationError(
            f"{where.setting}: with aws_iam_region it names one host and a user, and no password"
        )
    if parse_qs(parts.query).get("sslmode") != ["verify-full"]:
        raise ConfigurationError(
            f"{where.setting}: with aws_iam_region it needs sslmode=verify-full: whoever "
            "stands in between could use the token"
        )
    try:
        boto3: Any = importlib.import_module("boto3")
    except ImportError as error:
        raise ConfigurationError(
            f"{where.setting}: aws_iam_region needs boto3: install plimsoll-confidence[server]"
        ) from error
    client = boto3.Session(region_name=region).client("rds")
    return Tokens(host, port, user, region, client)

"""Tokens of AWS IAM: signed as AWS checks them, one for each connection, and never in the clear."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import replace
from urllib.parse import parse_qsl, quote

import pytest
from pydantic import SecretStr

from plimsoll.adapters.postgres.connecting import arguments
from plimsoll.adapters.postgres.database import Database
from plimsoll.adapters.postgres.iam import Tokens, located
from plimsoll.domain.errors import ConfigurationError, RetryableError
from plimsoll.settings.postgres import PostgresSettings
from tests.support.postgres import PATIENCE, PostgresServer

REGION = "eu-central-1"
HOST = "scores.cluster-abc.eu-central-1.rds.amazonaws.com"
SECRET = "not-a-secret-key"
SETTINGS = PostgresSettings(aws_iam_region=REGION)


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a process."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


def tokens(host: str = HOST, query: str = "sslmode=verify-full") -> Tokens:
    """For one user there."""
    dsn = SecretStr(f"postgresql://plimsoll_query@{host}:6432/scores?{query}")
    found = located(SETTINGS, dsn, "store.postgres.dsn").tokens
    assert isinstance(found, Tokens)
    return found


def signature(place: str, fields: dict[str, str]) -> str:
    """What AWS computes of a token: Signature Version 4 in a query string, written out again.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
    """
    signed = sorted((k, v) for k, v in fields.items() if k != "X-Amz-Signature")
    query = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in signed)
    nothing = hashlib.sha256(b"").hexdigest()
    request = f"GET\n/\n{query}\nhost:{place}\n\nhost\n{nothing}"
    date = fields["X-Amz-Date"]
    scope = f"{date[:8]}/{REGION}/rds-db/aws4_request"
    assert fields["X-Amz-Credential"] == f"AKIAEXAMPLE/{scope}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    return hmac.new(
        key, f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{digest}".encode(), "sha256"
    ).hexdigest()


@pytest.mark.usefixtures("credentials")
async def test_a_token_is_signed_as_aws_checks_it() -> None:
    """It names host, port, user and a quarter of an hour, under a right signature."""
    place, _, query = (await tokens()()).partition("/?")
    fields = dict(parse_qsl(query, strict_parsing=True))
    assert place == f"{HOST}:6432"
    assert (fields["Action"], fields["DBUser"]) == ("connect", "plimsoll_query")
    assert fields["X-Amz-Expires"] == "900"
    assert fields["X-Amz-Signature"] == signature(place, fields)


@pytest.mark.usefixtures("credentials")
async def test_each_connection_shows_a_token_of_its_own(postgres: PostgresServer) -> None:
    """On a real server: the password that a role was given is the token that was just signed."""
    user = "iam_user"
    postgres.sql(f"CREATE ROLE {user} LOGIN")
    signed = Tokens("127.0.0.1", postgres.port, user, REGION, tokens().client)
    shown: list[str] = []

    async def token() -> str:
        shown.append(await signed() + f"&n={len(shown)}")
        await asyncio.to_thread(postgres.sql, f"ALTER ROLE {user} PASSWORD '{shown[-1]}'")
        return shown[-1]

    dsn = SecretStr(f"postgresql://{user}@127.0.0.1:{postgres.port}/postgres")
    where = replace(located(PostgresSettings(), dsn, "dsn"), tokens=token)
    for _ in range(2):
        database = Database(where, PostgresSettings(**PATIENCE), "public", "test")
        await database.open()
        assert await database.once(lambda on: on.fetchval("SELECT current_user")) == user
        await database.close()
    assert len(set(shown)) == len(shown) >= 2


async def test_without_credentials_it_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials come and go with roles: the message says what is missing, and no more."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(RetryableError, match="NoCredentialsError"):
        await tokens()()


@pytest.mark.parametrize(
    ("dsn", "said"),
    [
        (f"postgresql://u@{HOST}/d", "sslmode=verify-full"),
        (f"postgresql://u@{HOST}/d?sslmode=require", "sslmode=verify-full"),
        (f"postgresql://u:pw@{HOST}/d?sslmode=verify-full", "no password"),
        (f"postgresql://{HOST}/d?sslmode=verify-full", "a user"),
        (f"postgresql://u@{HOST}:1,other:2/d?sslmode=verify-full", "one host"),
    ],
)
def test_what_cannot_be_signed_for_is_refused(dsn: str, said: str) -> None:
    """A token goes over verified TLS only, and to one host as one user."""
    with pytest.raises(ConfigurationError, match=said):
        located(SETTINGS, SecretStr(dsn), "store.postgres.dsn")


def test_two_ways_to_log_in_are_one_too_many(tmp_path: object) -> None:
    """A password file and a region contradict each other."""
    both = SETTINGS.model_copy(update={"password_file": tmp_path})
    with pytest.raises(ConfigurationError, match="keep one"):
        located(both, SecretStr(f"postgresql://u@{HOST}/d"), "store.postgres.dsn")


def test_the_driver_verifies_the_server() -> None:
    """The address goes to the driver as it is, sslmode included, with the token as a callable."""
    dsn = SecretStr(f"postgresql://u@{HOST}/d?sslmode=verify-full")
    where = located(SETTINGS, dsn, "store.postgres.dsn")
    given = arguments(where, SETTINGS, "public", "test")
    assert given["dsn"].endswith("sslmode=verify-full")
    assert callable(given["password"])

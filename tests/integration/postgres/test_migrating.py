"""Schemas come up to the program in order, once, and never go back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.postgres.connecting import address
from plimsoll.adapters.postgres.migrating import Applied, Migration, migrate, migrations, pending
from plimsoll.adapters.postgres.store import PostgresScoreStore
from plimsoll.cli.__main__ import main
from plimsoll.domain.errors import ConfigurationError, FatalError
from plimsoll.settings.postgres import ScorePostgresSettings
from tests.support.postgres import PASSWORD, PATIENCE, PostgresServer, score_settings

ONE, TWO = Migration(1, "0001_a", "SELECT 1"), Migration(2, "0002_b", "SELECT 2")


def given(server: PostgresServer) -> ScorePostgresSettings:
    """Settings of a schema that is not there."""
    name = f"m{uuid4().hex[:10]}"
    return score_settings(server, "postgres").model_copy(update={"schema_name": name})


def applied(*known: Migration) -> dict[int, Applied]:
    """As a schema says it."""
    return {one.number: Applied(one.name, one.checksum) for one in known}


def test_what_is_missing_comes_in_order() -> None:
    """An empty schema gets all, one that has the first gets the second, a current one nothing."""
    assert pending((ONE, TWO), {}, "s") == (ONE, TWO)
    assert pending((ONE, TWO), applied(ONE), "s") == (TWO,)
    assert pending((ONE, TWO), applied(ONE, TWO), "s") == ()


def test_a_newer_or_another_schema_is_refused() -> None:
    """More migrations than we know, or another text of one, stop with what to do."""
    with pytest.raises(FatalError, match="deploy the newer program"):
        pending((ONE,), applied(ONE, TWO), "s")
    with pytest.raises(FatalError, match="changed after it was applied"):
        pending((ONE, TWO), applied(Migration(1, "0001_a", "SELECT 3")), "s")


@pytest.mark.parametrize("kind", ["scores", "judges"])
def test_the_files_that_ship_are_numbered(kind: str) -> None:
    """Each kind of schema has its files, from 1 on."""
    numbers = [one.number for one in migrations(kind)]
    assert numbers == list(range(1, len(numbers) + 1)) != []


async def test_many_who_migrate_at_once_do_it_once(postgres: PostgresServer) -> None:
    """Of five that start together one brings the tables in, and the others find them."""
    settings = given(postgres)
    where = address(settings.dsn, "dsn", None)
    done = await asyncio.gather(
        *(migrate(where, settings, "scores", settings.schema_name) for _ in range(5))
    )
    assert sorted(len(one) for one in done) == [0, 0, 0, 0, len(migrations("scores"))]


async def test_a_service_refuses_an_older_and_a_newer_schema(postgres: PostgresServer) -> None:
    """Without tables it names `plimsoll migrate`, with newer ones the newer program."""
    settings = given(postgres)
    store = PostgresScoreStore(settings, SystemClock())
    try:
        with pytest.raises(FatalError, match="run `plimsoll migrate`"):
            await store.start()
        where = address(settings.dsn, "dsn", None)
        await migrate(where, settings, "scores", settings.schema_name)
        await store.start()
        known = len(migrations("scores"))
        postgres.sql(
            f"INSERT INTO {settings.schema_name}.schema_migrations VALUES ({known + 1}, 'x', 'y')"
        )
        knows = f"is at migration {known + 1}, this program knows {known}"
        with pytest.raises(FatalError, match=knows):
            await store.start()
    finally:
        await store.close()


def test_the_command_checks_shows_and_brings_in(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--check says no until it is done, --dry-run prints the SQL, and neither changes anything."""
    schema = given(postgres).schema_name
    monkeypatch.setenv("PLIMSOLL_STORE__KIND", "postgres")
    monkeypatch.setenv("PLIMSOLL_STORE__POSTGRES__DSN", postgres.dsn())
    monkeypatch.setenv("PLIMSOLL_STORE__POSTGRES__SCHEMA_NAME", schema)
    for name, value in PATIENCE.items():
        monkeypatch.setenv(f"PLIMSOLL_STORE__POSTGRES__{name.upper()}", str(value))

    def run(*arguments: str) -> tuple[int, str]:
        code = main(["migrate", *arguments])
        said = capsys.readouterr()
        assert PASSWORD not in said.out + said.err
        return code, said.out

    named = f"schema {schema} of 127.0.0.1:{postgres.port}/postgres"
    files = ", ".join(one.name for one in migrations("scores"))
    assert run("--check") == (1, f"{named}: to apply {files}\n")
    code, said = run("--dry-run")
    assert code == 0
    assert "CREATE TABLE results" in said
    assert run("--check")[0] == 1
    assert run()[1].endswith(f"applied {files}\n")
    assert run("--check") == (0, f"{named}: up to date\n")


def test_sqlite_needs_no_migration(capsys: pytest.CaptureFixture[str]) -> None:
    """With the defaults there is nothing to do, and the command says so."""
    assert main(["migrate", "--check"]) == 0
    assert "nothing to migrate" in capsys.readouterr().out


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://plimsoll:{secret}@127.0.0.1:{port}/postgres",
        "postgresql://plimsoll:{secret}@127.0.0.1:1/postgres",
        "postgresql://plimsoll:{secret}@127.0.0.1:no/postgres",
        "mysql://plimsoll:{secret}@127.0.0.1/postgres",
        "postgresql://plimsoll:{secret}@[::1/postgres",
        "postgresql://plimsoll:{secret}@127.0.0.1:{port}/postgres?sslmode=odd",
    ],
)
async def test_no_error_tells_the_password(postgres: PostgresServer, dsn: str) -> None:
    """A refused password, a wrong port or scheme, a URL that is none: none quotes the DSN."""
    secret = "s3cr3t-word"
    text = SecretStr(dsn.format(secret=secret, port=postgres.port))
    with pytest.raises(Exception, match=r"(?s).*") as caught:
        await PostgresScoreStore(ScorePostgresSettings(dsn=text), SystemClock()).start()
    seen: BaseException | None = caught.value
    while seen is not None:
        assert secret not in f"{seen!s}{seen!r}"
        seen = seen.__cause__
    assert "s3cr3t" not in repr(address(SecretStr("postgresql://a:s3cr3t@h/d"), "dsn", None))


async def test_a_password_comes_from_a_file_and_may_change(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    """The file is read for each connection; one that is missing is named."""
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    dsn = SecretStr(f"postgresql://plimsoll@127.0.0.1:{postgres.port}/postgres")
    settings = given(postgres).model_copy(update={"dsn": dsn, "password_file": file})
    where = address(dsn, "dsn", file)
    await migrate(where, settings, "scores", settings.schema_name)
    store = PostgresScoreStore(settings, SystemClock())
    await store.start()
    await store.close()
    file.write_text("another", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="refuses this user"):
        await store.start()
    file.unlink()
    with pytest.raises(ConfigurationError, match="password_file"):
        await store.start()
    await store.close()

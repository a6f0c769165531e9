"""Credentials in files that change: each new connection shows what the files hold now."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509

from plimsoll.adapters.kafka.rotation import FilePassword, renewed_context
from plimsoll.adapters.kafka.security import security_arguments
from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.kafka import KafkaSettings
from tests.support.certificates import Authority, Files

GOOD_DEADLINE_S = 300.0


def test_a_password_is_read_whenever_it_is_used(tmp_path: Path) -> None:
    """SCRAM makes bytes of it for each connection; an editor's line end is no part of it."""
    file = tmp_path / "password"
    file.write_text("one\n", encoding="utf-8")
    password = FilePassword(file)
    assert password.encode() == b"one"
    file.write_text("två", encoding="utf-8")
    assert password.encode("utf-8") == "två".encode()


def test_a_password_file_that_is_gone_leaves_the_first(tmp_path: Path) -> None:
    """While a file is replaced, the password that it held at first is shown."""
    file = tmp_path / "password"
    file.write_text("one", encoding="utf-8")
    password = FilePassword(file)
    file.unlink()
    assert password.encode() == b"one"


def test_a_password_file_that_never_was_is_named(tmp_path: Path) -> None:
    """The message names setting and file, and no password."""
    settings = KafkaSettings.model_validate(
        {
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_username": "app",
            "sasl_password_file": tmp_path / "nowhere",
        }
    )
    with pytest.raises(ConfigurationError, match=r"kafka\.sasl_password_file: .*nowhere"):
        security_arguments(settings)


async def test_a_certificate_that_is_renewed_is_shown_to_the_next_broker(tmp_path: Path) -> None:
    """Over real sockets: the old one, then the new one; files that do not fit leave the last."""
    authority = Authority(tmp_path)
    server = authority.sign("broker", x509.DNSName("localhost"))
    first, second = authority.sign("app", into="first"), authority.sign("app", into="second")
    mine = Files(tmp_path / "tls.crt", tmp_path / "tls.key")
    _replace(mine, first)
    context = renewed_context(authority.cafile, mine.certfile, mine.keyfile)
    async with _broker(authority, server) as (port, shown):
        assert await _connect(context, port, shown) == _serial(first)
        _replace(mine, second)
        assert await _connect(context, port, shown) == _serial(second)
        shutil.copy(first.certfile, mine.certfile)
        assert await _connect(context, port, shown) == _serial(second)
        shutil.copy(first.keyfile, mine.keyfile)
        assert await _connect(context, port, shown) == _serial(first)


async def test_an_authority_that_is_replaced_is_no_longer_trusted(tmp_path: Path) -> None:
    """A new CA file takes the place of the old one; it is not added to it."""
    old, new = Authority(tmp_path, "old"), Authority(tmp_path, "new")
    mine = tmp_path / "ca.crt"
    shutil.copy(old.cafile, mine)
    context = renewed_context(mine, None, None)
    server = old.sign("broker", x509.DNSName("localhost"))
    async with _broker(None, server) as (port, shown):
        assert await _connect(context, port, shown) is None
        shutil.copy(new.cafile, mine)
        with pytest.raises(ssl.SSLCertVerificationError):
            await _connect(context, port, shown)


Shown = asyncio.Queue[int | None]


@asynccontextmanager
async def _broker(clients: Authority | None, files: Files) -> AsyncIterator[tuple[int, Shown]]:
    """Says of each connection the serial number of the certificate that it was shown."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certfile, files.keyfile)
    if clients is not None:
        context.load_verify_locations(clients.cafile)
        context.verify_mode = ssl.CERT_REQUIRED
    shown: Shown = asyncio.Queue()

    async def met(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        found = x509.load_der_x509_certificate(certificate).serial_number if certificate else None
        shown.put_nowait(found)
        writer.close()

    server = await asyncio.start_server(met, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], shown


async def _connect(context: ssl.SSLContext, port: int, shown: Shown) -> int | None:
    _, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="localhost"
    )
    try:
        async with asyncio.timeout(GOOD_DEADLINE_S):
            return await shown.get()
    finally:
        writer.close()


def _serial(files: Files) -> int:
    return x509.load_pem_x509_certificate(files.certfile.read_bytes()).serial_number


def _replace(mine: Files, by: Files) -> None:
    shutil.copy(by.certfile, mine.certfile)
    shutil.copy(by.keyfile, mine.keyfile)

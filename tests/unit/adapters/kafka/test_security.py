"""Settings of TLS, SASL and MSK IAM become arguments of the client, or a message that helps."""

from __future__ import annotations

import ssl
import sys
from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError
from pydantic import SecretStr

from plimsoll.adapters.kafka.connection import connection_arguments
from plimsoll.adapters.kafka.security import MskIamTokens, security_arguments
from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.kafka import KafkaSettings, SaslMechanism, SecurityProtocol


def kafka(**fields: object) -> KafkaSettings:
    """Settings with some fields."""
    return KafkaSettings.model_validate({"bootstrap_servers": "127.0.0.1:1"} | fields)


def test_plaintext_needs_nothing() -> None:
    """Without security settings there is only the protocol."""
    assert security_arguments(kafka()) == {"security_protocol": "PLAINTEXT"}


def test_tls_verifies_by_default() -> None:
    """TLS without a CA file trusts the system's and checks certificate and name."""
    context = security_arguments(kafka(security_protocol=SecurityProtocol.SSL))["ssl_context"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_ca_file_that_is_none_is_named(tmp_path: Path) -> None:
    """A file that is not PEM ends in a message that names the settings."""
    wrong = tmp_path / "ca.pem"
    wrong.write_text("not a certificate")
    with pytest.raises(ConfigurationError, match=r"kafka\.ssl_cafile"):
        security_arguments(kafka(security_protocol=SecurityProtocol.SSL, ssl_cafile=wrong))


def test_scram_passes_name_and_password() -> None:
    """SCRAM over plaintext passes mechanism, name and password."""
    arguments = security_arguments(
        kafka(
            security_protocol=SecurityProtocol.SASL_PLAINTEXT,
            sasl_mechanism=SaslMechanism.SCRAM_SHA_512,
            sasl_username="app",
            sasl_password=SecretStr("secret"),
        )
    )
    assert arguments == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "app",
        "sasl_plain_password": "secret",
    }


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, "sasl_mechanism"),
        ({"sasl_mechanism": "PLAIN"}, "sasl_username"),
        ({"sasl_mechanism": "AWS_MSK_IAM"}, "aws_region"),
    ],
)
def test_what_is_missing_is_named(fields: dict[str, str], named: str) -> None:
    """SASL without what its mechanism needs says which setting that is."""
    with pytest.raises(ConfigurationError, match=named):
        security_arguments(kafka(security_protocol="SASL_SSL", **fields))


def test_msk_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the signer is not installed the message names the extra."""
    monkeypatch.setitem(sys.modules, "aws_msk_iam_sasl_signer", None)
    with pytest.raises(ConfigurationError, match=r"plimsoll-confidence\[msk\]"):
        MskIamTokens("eu-west-1")


async def test_msk_signs_with_the_process_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token is signed locally, for the region that was set, from the process's credentials."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    arguments = security_arguments(
        kafka(security_protocol="SASL_SSL", sasl_mechanism="AWS_MSK_IAM", aws_region="eu-west-1")
    )
    token = await arguments["sasl_oauth_token_provider"].token()
    assert arguments["sasl_mechanism"] == "OAUTHBEARER"
    assert len(token) > 100


async def test_msk_without_credentials_is_worth_another_try(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where the process has no AWS credentials now, connecting fails and is tried again."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(KafkaConnectionError, match="no token for MSK IAM in eu-west-1"):
        await MskIamTokens("eu-west-1").token()


def test_no_address_says_how_to_give_one() -> None:
    """Without brokers the message names the environment variable."""
    with pytest.raises(ConfigurationError, match="PLIMSOLL_KAFKA__BOOTSTRAP_SERVERS"):
        connection_arguments(KafkaSettings(), "test")

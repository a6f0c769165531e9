"""Arguments of aiokafka's clients as faust's credentials."""

from __future__ import annotations

import ssl

import pytest
from aiokafka.abc import AbstractTokenProvider
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth

from plimsoll.adapters.faust.credentials import credentials
from plimsoll.domain.errors import ConfigurationError

CONTEXT = ssl.create_default_context()


class Tokens(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka ships no types
    """A provider of one token."""

    async def token(self) -> str:
        """The token."""
        return "t"


PASSWORD = {"sasl_plain_username": "u", "sasl_plain_password": "p"}
TOKENS = Tokens()


@pytest.mark.parametrize(
    "arguments",
    [
        {"security_protocol": "PLAINTEXT"},
        {"security_protocol": "SSL", "ssl_context": CONTEXT},
        {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN", **PASSWORD},
        {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "ssl_context": CONTEXT,
            **PASSWORD,
        },
        {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "OAUTHBEARER",
            "ssl_context": CONTEXT,
            "sasl_oauth_token_provider": TOKENS,
        },
    ],
)
def test_faust_hands_on_what_it_was_given(arguments: dict[str, object]) -> None:
    """What faust gives to aiokafka is what the other services give to it."""
    found = credentials_to_aiokafka_auth(credentials(arguments))
    assert {key: value for key, value in found.items() if value is not None} == arguments


def test_an_unknown_mechanism_is_a_wrong_setting() -> None:
    """It is named, instead of going on without credentials."""
    with pytest.raises(ConfigurationError, match="GSSAPI: faust has no credentials"):
        credentials({"security_protocol": "SASL_SSL", "sasl_mechanism": "GSSAPI"})

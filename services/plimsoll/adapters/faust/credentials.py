"""Arguments of aiokafka's clients as faust's credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from faust import auth

from plimsoll.domain.errors import ConfigurationError


def credentials(arguments: Mapping[str, Any]) -> auth.Credentials | None:
    """Faust's credentials for `security_protocol`, `ssl_context` and `sasl_*`; None for plain text.

    ConfigurationError where faust has none for that mechanism.
    """
    context = arguments.get("ssl_context")
    mechanism = arguments.get("sasl_mechanism")
    if mechanism is None:
        return auth.SSLCredentials(context) if context is not None else None
    if mechanism == "OAUTHBEARER":
        return auth.OAuthCredentials(
            oauth_cb=arguments["sasl_oauth_token_provider"], ssl_context=context
        )
    if mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
        return auth.SASLCredentials(
            username=arguments["sasl_plain_username"],
            password=arguments["sasl_plain_password"],
            mechanism=mechanism,
            ssl_context=context,
        )
    raise ConfigurationError(f"kafka.sasl_mechanism {mechanism}: faust has no credentials for it")

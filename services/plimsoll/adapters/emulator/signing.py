"""Whether a request is signed as AWS wants it; no secret is known here, so none is checked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from plimsoll.adapters.emulator.faults import ErrorAnswer

_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[\w+=,.@-]+/\d{8}/[a-z0-9-]+/bedrock/aws4_request, "
    r"SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{64}"
)
_BEARER = re.compile(r"Bearer \S+")


def signature_problem(headers: Mapping[str, str]) -> ErrorAnswer | None:
    """The error that Bedrock would answer, or None where the request looks signed."""
    authorization = headers.get("Authorization", "")
    if not authorization:
        return ErrorAnswer(403, "MissingAuthenticationTokenException", "The request is not signed.")
    if _BEARER.fullmatch(authorization):
        return None
    if not _SIGNED.fullmatch(authorization) or "X-Amz-Date" not in headers:
        return ErrorAnswer(403, "InvalidSignatureException", "The signature has no proper form.")
    return None

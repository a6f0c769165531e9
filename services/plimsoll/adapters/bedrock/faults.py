"""What each error of Bedrock and of its client means, decided once, here, by code and class."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from botocore import exceptions as aws
from botocore.parsers import ResponseParserError

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.judge_errors import FaultKind
from plimsoll.domain.judging import NOTHING_USED, UNKNOWN_USAGE, JudgeUsage


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error leads to: `kind` None is an absence at once, since waiting changes nothing.

    `usage` is what the attempt has cost: nothing where Bedrock refused it, else unknown.
    """

    kind: FaultKind | None
    reason: AbsenceReason
    delay: timedelta = timedelta(0)
    usage: JudgeUsage = UNKNOWN_USAGE


def _throttled(seconds: float) -> Fault:
    return Fault(
        FaultKind.THROTTLED, AbsenceReason.THROTTLED, timedelta(seconds=seconds), NOTHING_USED
    )


def _transient(
    seconds: float,
    reason: AbsenceReason = AbsenceReason.PROVIDER_ERROR,
    usage: JudgeUsage = UNKNOWN_USAGE,
) -> Fault:
    return Fault(FaultKind.TRANSIENT, reason, timedelta(seconds=seconds), usage)


def _model(seconds: float, reason: AbsenceReason) -> Fault:
    return Fault(FaultKind.MODEL_FAULT, reason, timedelta(seconds=seconds))


CONFIGURATION = Fault(
    FaultKind.CONFIGURATION, AbsenceReason.PROVIDER_ERROR, timedelta(0), NOTHING_USED
)
INVALID = Fault(None, AbsenceReason.PROVIDER_ERROR, timedelta(0), NOTHING_USED)
# What cannot be read may have been billed all the same.
MALFORMED = _transient(0.5)
_OUR_MISTAKE = Fault(None, AbsenceReason.INTERNAL_ERROR, timedelta(0), NOTHING_USED)

# Errors of Converse and ApplyGuardrail in the service's model, then those that every service of
# AWS may answer: https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
CODES: Mapping[str, Fault] = {
    "ThrottlingException": _throttled(2.0),
    "ServiceQuotaExceededException": _throttled(30.0),
    # A model that is being loaded, not a spent quota: minutes for an imported one.
    "ModelNotReadyException": _transient(10.0, usage=NOTHING_USED),
    "ModelTimeoutException": _model(1.0, AbsenceReason.TIMED_OUT),
    "ModelErrorException": _model(1.0, AbsenceReason.PROVIDER_ERROR),
    "InternalServerException": _transient(0.5),
    "ServiceUnavailableException": _transient(2.0, usage=NOTHING_USED),
    "ValidationException": INVALID,
    "AccessDeniedException": CONFIGURATION,
    "ResourceNotFoundException": CONFIGURATION,
    "InternalFailure": _transient(0.5),
    "ServiceUnavailable": _transient(2.0, usage=NOTHING_USED),
    "RequestTimeout": _transient(1.0, AbsenceReason.TIMED_OUT),
    "RequestTimeoutException": _transient(1.0, AbsenceReason.TIMED_OUT),
    "Throttling": _throttled(2.0),
    "TooManyRequestsException": _throttled(2.0),
    "RequestLimitExceeded": _throttled(2.0),
    "LimitExceededException": _throttled(2.0),
    "SlowDown": _throttled(2.0),
    "AccessDenied": CONFIGURATION,
    "ExpiredToken": CONFIGURATION,
    "ExpiredTokenException": CONFIGURATION,
    "IncompleteSignature": CONFIGURATION,
    "InvalidClientTokenId": CONFIGURATION,
    "InvalidSignatureException": CONFIGURATION,
    "MissingAuthenticationToken": CONFIGURATION,
    "MissingAuthenticationTokenException": CONFIGURATION,
    "NotAuthorized": CONFIGURATION,
    "OptInRequired": CONFIGURATION,
    "RequestExpired": CONFIGURATION,
    "SignatureDoesNotMatch": CONFIGURATION,
    "UnrecognizedClientException": CONFIGURATION,
}

# The most specific class decides; every other class of botocore says that it is set up wrongly.
CLASSES: Mapping[type[BaseException], Fault] = {
    aws.ReadTimeoutError: _transient(1.0, AbsenceReason.TIMED_OUT),
    aws.ConnectTimeoutError: _transient(1.0, AbsenceReason.TIMED_OUT, NOTHING_USED),
    aws.ConnectionError: _transient(0.5, usage=NOTHING_USED),
    aws.HTTPClientError: _transient(0.5),
    aws.IncompleteReadError: _transient(0.5),
    aws.ChecksumError: _transient(0.5),
    aws.FlexibleChecksumError: _transient(0.5),
    aws.AwsChunkedWrapperError: _transient(0.5),
    aws.CapacityNotAvailableError: _transient(0.5, usage=NOTHING_USED),
    # The service that lends credentials is away; without credentials altogether is another class.
    aws.CredentialRetrievalError: _transient(2.0, usage=NOTHING_USED),
    aws.MetadataRetrievalError: _transient(2.0, usage=NOTHING_USED),
    aws.TokenRetrievalError: _transient(2.0, usage=NOTHING_USED),
    aws.ParamValidationError: _OUR_MISTAKE,
    aws.ValidationError: _OUR_MISTAKE,
    aws.InvalidRegionError: CONFIGURATION,
    aws.MissingParametersError: _OUR_MISTAKE,
    ResponseParserError: MALFORMED,
    aws.BotoCoreError: CONFIGURATION,
    # What botocore's parser stumbles over where an answer is not shaped like its model.
    AttributeError: MALFORMED,
    TypeError: MALFORMED,
    ValueError: MALFORMED,
    LookupError: MALFORMED,
    RecursionError: MALFORMED,
}

_LONGEST_ID = 64
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")

# All that a call of the client can end in; the rest is a mistake of ours and passes through.
CALL_ERRORS = (aws.ClientError, *CLASSES)


def fault_of(error: BaseException) -> Fault:
    """What an error of `CALL_ERRORS` leads to."""
    if isinstance(error, aws.ClientError):
        return CODES.get(code_of(error)) or by_status(status_of(error))
    return next(CLASSES[kind] for kind in type(error).__mro__ if kind in CLASSES)


def code_of(error: BaseException) -> str:
    """The provider's code, or the class of an error that never reached it; a short constant."""
    if isinstance(error, aws.ClientError):
        code = error.response.get("Error", {}).get("Code")
        # A gateway's page has no code, and what is taken for it may be anything.
        known = isinstance(code, str) and _CODE.fullmatch(code) is not None
        return str(code) if known else f"HTTP {status_of(error)}"
    return "malformed answer" if fault_of(error) is MALFORMED else type(error).__name__


def status_of(error: aws.ClientError) -> int:
    """The HTTP status of an error answer; 0 where there is none."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status if isinstance(status, int) else 0


def by_status(status: int) -> Fault:
    """For an answer whose code nobody knows, such as a gateway's."""
    if status == 429:
        return _throttled(2.0)
    if status == 408:
        return _model(1.0, AbsenceReason.TIMED_OUT)
    if status == 424:
        return _model(1.0, AbsenceReason.PROVIDER_ERROR)
    if status in {401, 403, 404, 407}:
        return CONFIGURATION
    return INVALID if 400 <= status < 500 else MALFORMED


def request_id_of(answer: Mapping[str, object]) -> str:
    """What the provider calls this attempt; empty where it has not said so."""
    metadata = answer.get("ResponseMetadata")
    found = metadata.get("RequestId") if isinstance(metadata, dict) else None
    return found[:_LONGEST_ID] if isinstance(found, str) else ""

"""The truth table of Bedrock's errors and of botocore's."""

from __future__ import annotations

import inspect

import pytest
from botocore import exceptions as aws
from botocore.parsers import ResponseParserError

from plimsoll.adapters.bedrock.faults import (
    CALL_ERRORS,
    CODES,
    CONFIGURATION,
    by_status,
    code_of,
    fault_of,
)
from plimsoll.adapters.bedrock.transport import AnswerMalformedError, AnswerTooLargeError
from plimsoll.adapters.emulator.shapes import ServiceShapes
from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.judge_errors import FaultKind
from plimsoll.domain.judging import NOTHING_USED, UNKNOWN_USAGE

THROTTLED, TRANSIENT, MODEL, SETUP = (
    FaultKind.THROTTLED,
    FaultKind.TRANSIENT,
    FaultKind.MODEL_FAULT,
    FaultKind.CONFIGURATION,
)
# Error shapes of the service's model: status, kind, absence, and whether it surely cost nothing.
MODELLED = {
    "ThrottlingException": (429, THROTTLED, "throttled", True),
    "ModelNotReadyException": (429, TRANSIENT, "provider_error", True),
    "ModelTimeoutException": (408, MODEL, "timed_out", False),
    "ModelErrorException": (424, MODEL, "provider_error", False),
    "InternalServerException": (500, TRANSIENT, "provider_error", False),
    "ServiceUnavailableException": (503, TRANSIENT, "provider_error", True),
    "ServiceQuotaExceededException": (400, THROTTLED, "throttled", True),
    "ValidationException": (400, None, "provider_error", True),
    "AccessDeniedException": (403, SETUP, "provider_error", True),
    "ResourceNotFoundException": (404, SETUP, "provider_error", True),
}
# Classes of the client that are not about how it is set up.
CLIENT = {
    aws.ReadTimeoutError: (TRANSIENT, "timed_out", False),
    aws.ConnectTimeoutError: (TRANSIENT, "timed_out", True),
    aws.EndpointConnectionError: (TRANSIENT, "provider_error", True),
    aws.ProxyConnectionError: (TRANSIENT, "provider_error", True),
    aws.SSLError: (TRANSIENT, "provider_error", True),
    aws.ConnectionError: (TRANSIENT, "provider_error", True),
    aws.ConnectionClosedError: (TRANSIENT, "provider_error", False),
    aws.HTTPClientError: (TRANSIENT, "provider_error", False),
    aws.ResponseStreamingError: (TRANSIENT, "provider_error", False),
    aws.IncompleteReadError: (TRANSIENT, "provider_error", False),
    aws.ChecksumError: (TRANSIENT, "provider_error", False),
    aws.FlexibleChecksumError: (TRANSIENT, "provider_error", False),
    aws.AwsChunkedWrapperError: (TRANSIENT, "provider_error", False),
    aws.CapacityNotAvailableError: (TRANSIENT, "provider_error", True),
    aws.CredentialRetrievalError: (TRANSIENT, "provider_error", True),
    aws.MetadataRetrievalError: (TRANSIENT, "provider_error", True),
    aws.TokenRetrievalError: (TRANSIENT, "provider_error", True),
    aws.ParamValidationError: (None, "internal_error", True),
    aws.ValidationError: (None, "internal_error", True),
    aws.UnknownKeyError: (None, "internal_error", True),
    aws.RangeError: (None, "internal_error", True),
    aws.UnknownParameterError: (None, "internal_error", True),
    aws.AliasConflictParameterError: (None, "internal_error", True),
    aws.MissingParametersError: (None, "internal_error", True),
    ResponseParserError: (TRANSIENT, "provider_error", False),
    AnswerMalformedError: (TRANSIENT, "provider_error", False),
    AnswerTooLargeError: (TRANSIENT, "provider_error", False),
    TypeError: (TRANSIENT, "provider_error", False),
    KeyError: (TRANSIENT, "provider_error", False),
    RecursionError: (TRANSIENT, "provider_error", False),
}


def client_error(code: object, status: int = 400) -> aws.ClientError:
    """As botocore raises one."""
    return aws.ClientError(
        {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Converse"
    )


@pytest.mark.parametrize("operation", ["Converse", "ApplyGuardrail"])
def test_every_error_of_the_service_has_its_line(operation: str) -> None:
    """Botocore's model names no error, and no status of one, that this table does not."""
    for code, status in ServiceShapes().errors(operation).items():
        assert MODELLED[code][0] == status


@pytest.mark.parametrize("code", MODELLED)
def test_each_code_has_its_verdict(code: str) -> None:
    """The code alone decides; its message does not come into it."""
    _, kind, reason, free = MODELLED[code]
    fault = fault_of(client_error(code, 599))
    assert (fault.kind, fault.reason) == (kind, AbsenceReason(reason))
    assert fault.usage == (NOTHING_USED if free else UNKNOWN_USAGE)
    assert code_of(client_error(code)) == code
    assert (fault.delay.total_seconds() > 0) == (kind not in {None, SETUP})


@pytest.mark.parametrize("kind", CLIENT, ids=lambda kind: kind.__name__)
def test_each_class_of_the_client_has_its_verdict(kind: type[Exception]) -> None:
    """What never reached the service, or never came back, is told apart by its class."""
    expected, reason, free = CLIENT[kind]
    fault = fault_of(kind.__new__(kind))
    assert (fault.kind, fault.reason) == (expected, AbsenceReason(reason))
    assert fault.usage == (NOTHING_USED if free else UNKNOWN_USAGE)


def test_every_other_class_of_botocore_is_about_its_set_up() -> None:
    """No exception of botocore is without a verdict, and none that is new is retried for ever."""
    for name, kind in vars(aws).items():
        is_one = inspect.isclass(kind) and issubclass(kind, aws.BotoCoreError)
        # A connection time-out is one of the classes above by another name.
        if is_one and kind not in CLIENT:
            assert fault_of(kind.__new__(kind)) is CONFIGURATION, name


def test_a_mistake_of_ours_has_no_verdict() -> None:
    """What no client can raise is not caught."""
    assert not any(issubclass(kind, CALL_ERRORS) for kind in (MemoryError, RuntimeWarning))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, THROTTLED),
        (408, MODEL),
        (424, MODEL),
        (401, SETUP),
        (403, SETUP),
        (404, SETUP),
        (407, SETUP),
        (400, None),
        (413, None),
        (422, None),
        (500, TRANSIENT),
        (502, TRANSIENT),
        (503, TRANSIENT),
        (504, TRANSIENT),
        (0, TRANSIENT),
        (302, TRANSIENT),
    ],
)
def test_codes_that_nobody_knows_go_by_their_status(status: int, kind: FaultKind | None) -> None:
    """A gateway's page, or an error of next year, is judged by its HTTP status."""
    assert "SomethingNewException" not in CODES
    assert fault_of(client_error("SomethingNewException", status)).kind is kind
    assert by_status(status).kind is kind


@pytest.mark.parametrize("code", [None, "", "503", "<html>", "x" * 500, 7, ["a"]])
def test_a_code_that_is_none_is_not_repeated(code: object) -> None:
    """Whatever stands where a code should be, the error names the status instead."""
    assert code_of(client_error(code, 503)) == "HTTP 503"


def test_answers_without_any_metadata_are_faults_too() -> None:
    """An error that says nothing at all is a passing one."""
    assert fault_of(aws.ClientError({}, "Converse")).kind is TRANSIENT

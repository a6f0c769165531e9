"""The truth table of what keeps a request from its answer."""

from __future__ import annotations

import aiohttp
import pytest

from plimsoll.adapters.openai_judge.faults import CALL_ERRORS, of_class
from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.judge_errors import FaultKind, JudgeFaultError, JudgeMisconfiguredError
from plimsoll.domain.judging import NOTHING_USED, UNKNOWN_USAGE

TIMED_OUT, FAILED = AbsenceReason.TIMED_OUT, AbsenceReason.PROVIDER_ERROR
PASSING = {
    aiohttp.ConnectionTimeoutError: (TIMED_OUT, NOTHING_USED),
    aiohttp.SocketTimeoutError: (TIMED_OUT, UNKNOWN_USAGE),
    aiohttp.ServerTimeoutError: (TIMED_OUT, UNKNOWN_USAGE),
    aiohttp.ClientConnectorError: (FAILED, NOTHING_USED),
    aiohttp.ClientConnectorDNSError: (FAILED, NOTHING_USED),
    aiohttp.ClientConnectorCertificateError: (FAILED, NOTHING_USED),
    aiohttp.ServerDisconnectedError: (FAILED, UNKNOWN_USAGE),
    aiohttp.ClientOSError: (FAILED, UNKNOWN_USAGE),
    aiohttp.ClientPayloadError: (FAILED, UNKNOWN_USAGE),
    aiohttp.ClientResponseError: (FAILED, UNKNOWN_USAGE),
    aiohttp.ClientError: (FAILED, UNKNOWN_USAGE),
    ConnectionResetError: (FAILED, UNKNOWN_USAGE),
    ValueError: (FAILED, UNKNOWN_USAGE),
}


@pytest.mark.parametrize("kind", PASSING, ids=lambda kind: kind.__name__)
def test_what_passes(kind: type[Exception]) -> None:
    """Each is a transient fault, with the absence it leads to and what it may have cost."""
    fault = of_class(kind.__new__(kind))
    assert isinstance(fault, JudgeFaultError)
    assert fault.kind is FaultKind.TRANSIENT
    assert (fault.absence.reason, fault.usage) == PASSING[kind]


@pytest.mark.parametrize("kind", [aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError])
def test_what_an_operator_has_to_mend(kind: type[Exception]) -> None:
    """A wrong URL does not pass by waiting, and the message names the setting."""
    fault = of_class(kind.__new__(kind))
    assert isinstance(fault, JudgeMisconfiguredError)
    assert "openai.endpoint_url" in str(fault)


def test_every_error_of_the_client_is_caught() -> None:
    """Whatever class aiohttp raises for a request has its line in the table."""
    kinds = [kind for kind in vars(aiohttp).values() if isinstance(kind, type)]
    errors = [kind for kind in kinds if issubclass(kind, aiohttp.ClientError)]
    assert len(errors) > 10
    assert all(issubclass(kind, CALL_ERRORS) for kind in errors)

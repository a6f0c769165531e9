"""What a ValidationException is about."""

from __future__ import annotations

import pytest

from plimsoll.adapters.bedrock.models import load_models
from plimsoll.adapters.bedrock.refusals import narrow
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judge_errors import JudgeMisconfiguredError, ParameterRefusedError
from plimsoll.domain.judging import Parameter

P = Parameter
ALL = tuple(P)


@pytest.mark.parametrize(
    ("message", "parameter"),
    [
        ("`temperature` is deprecated for this model.", P.TEMPERATURE),
        ("The model returned the following errors: tool_choice: not supported", P.FORCED_TOOL),
        ("This model doesn't support the toolConfig.toolChoice.tool field.", P.FORCED_TOOL),
        ("tools.0.custom.strict: Extra inputs are not permitted", P.STRICT),
        ("outputConfig is not supported for this model", P.JSON_SCHEMA),
        ("system.1.cachePoint is not supported", P.CACHE),
        ("cachePoint: ttl 1h is not available", P.CACHE),
        ("Extraneous key [ttl] is not permitted", P.CACHE_TTL),
        ("serviceTier flex is not available", P.SERVICE_TIER),
        ("requestMetadata is not valid", P.METADATA),
    ],
)
def test_a_parameter_is_known_by_its_name(message: str, parameter: Parameter) -> None:
    """The one that is named first is the one to leave out."""
    found = narrow(message, ALL, load_models())
    assert isinstance(found, ParameterRefusedError)
    assert found.parameter is parameter


@pytest.mark.parametrize(
    "message",
    [
        "",
        "maxTokens is too large",
        "the restricted word is not a name",
        "temperatures vary",
        "The model identifier is invalid",
    ],
)
def test_other_words_name_no_parameter(message: str) -> None:
    """Names count as whole words; anything else is an absence."""
    found = narrow(message, ALL, load_models())
    assert found == Absence(AbsenceReason.PROVIDER_ERROR, "ValidationException")


def test_what_was_not_sent_cannot_be_refused() -> None:
    """Without the parameter in the call the message is about something else."""
    assert isinstance(narrow("temperature", (P.STRICT,), load_models()), Absence)


@pytest.mark.parametrize(
    "message",
    [
        "Input is too long for requested model.",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "This model's maximum context length is 8192 tokens",
    ],
)
def test_too_long_is_an_absence_of_its_own(message: str) -> None:
    """The material is too large, whatever parameter the message may name besides."""
    found = narrow(message + " temperature", ALL, load_models())
    assert isinstance(found, Absence)
    assert found.reason is AbsenceReason.INPUT_TOO_LARGE
    assert message not in found.detail


def test_a_model_behind_a_profile_is_a_wrong_setting() -> None:
    """The operator is told to name an inference profile."""
    said = "Invocation of model ID x with on-demand throughput isn't supported."
    found = narrow(said, ALL, load_models())
    assert isinstance(found, JudgeMisconfiguredError)
    assert "inference profile" in str(found)

"""What an emulator holds requests, signatures and scripts to."""

from __future__ import annotations

from pathlib import Path

import pytest

from plimsoll.adapters.emulator.scripts import Script, load_script
from plimsoll.adapters.emulator.shapes import ServiceShapes
from plimsoll.adapters.emulator.signing import signature_problem
from plimsoll.domain.errors import ConfigurationError

SHAPES = ServiceShapes()
MESSAGES = [{"role": "user", "content": [{"text": "hello"}]}]
SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20261126/us-east-1/bedrock/aws4_request, "
    f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
    "X-Amz-Date": "20261126T000000Z",
}


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "modelId"),
        ({"modelId": "m", "messages": "hello"}, "messages"),
        ({"modelId": "m", "messages": [{"role": "judge", "content": []}]}, "role"),
        ({"modelId": "m", "messages": MESSAGES, "temperature": 1}, "temperature"),
        ({"modelId": "m", "inferenceConfig": {"maxTokens": 0}}, "maxTokens"),
        ({"modelId": "m", "serviceTier": {"type": "fast"}}, "serviceTier"),
        ({"modelId": "m", "toolConfig": {"tools": []}}, "tools"),
        ({"modelId": "m", "system": [{"cachePoint": {"type": "default", "ttl": "2h"}}]}, "ttl"),
        ({"modelId": "m", "requestMetadata": {}}, "requestMetadata"),
    ],
)
def test_a_wrong_request_is_named(body: dict[str, object], word: str) -> None:
    """Missing, unknown and wrong members, bounds and words are found, each by its name."""
    (problem,) = SHAPES.request_problems("Converse", body)
    assert word in problem


def test_a_right_request_has_no_problems() -> None:
    """What boto3 would send passes."""
    assert SHAPES.request_problems("Converse", {"modelId": "m", "messages": MESSAGES}) == []


def test_a_wrong_answer_is_named_too() -> None:
    """Answers of the emulator are held against the same model."""
    assert SHAPES.answer_problems("Converse", {"stopReason": "end_turn"})


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "MissingAuthenticationTokenException"),
        ({"Authorization": "Basic YTpi"}, "InvalidSignatureException"),
        ({"Authorization": SIGNED["Authorization"]}, "InvalidSignatureException"),
        (
            {**SIGNED, "Authorization": SIGNED["Authorization"].replace("bedrock", "s3")},
            "InvalidSignatureException",
        ),
    ],
)
def test_an_unsigned_request_is_refused(headers: dict[str, str], code: str) -> None:
    """The header's form is checked, and that the signature is for this service."""
    problem = signature_problem(headers)
    assert problem is not None
    assert (problem.status, problem.code) == (403, code)


def test_a_signed_request_passes() -> None:
    """SigV4, or an API key as a bearer token."""
    assert signature_problem(SIGNED) is None
    assert signature_problem({"Authorization": "Bearer bedrock-api-key"}) is None


def test_a_script_is_read_from_yaml(tmp_path: Path) -> None:
    """Quotas, steps and chances, as a drill writes them down."""
    file = tmp_path / "drill.yaml"
    file.write_text(
        "seed: 7\nquotas: {tokens_per_minute: 50000}\nrates: {internal: 0.01}\n"
        "steps:\n  - {fault: throttling, times: 3, model: us.anthropic}\n",
        encoding="utf-8",
    )
    script = load_script(file)
    assert (script.seed, script.quotas.tokens_per_minute, script.steps[0].times) == (7, 50_000, 3)
    assert load_script(None) == Script()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("steps: [{fault: throtling}]", "throttling"),
        ("rates: {hange: 0.5}", "hang"),
        ("rates: {hang: 1.5}", "hang"),
        ("colour: red", "colour"),
        ("[", "drill.yaml"),
    ],
)
def test_a_wrong_script_is_named(tmp_path: Path, text: str, word: str) -> None:
    """The message says what was probably meant."""
    file = tmp_path / "drill.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=word):
        load_script(file)
